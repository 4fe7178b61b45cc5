#include "settings/document.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <exception>
#include <sstream>
#include <utility>
#include <vector>

#include "base/text.h"
#include "settings/scan.h"

namespace mailchute {

namespace {

/// Builds the tree from the library's events, so that keys, duplicates and places are seen as they stand in
/// the text: the library's own nodes keep one of two equal keys and say nothing.
class TreeBuilder final : public YAML::EventHandler {
 public:
  TreeBuilder(int source, const Scanned& scanned, Report& report)
      : source_(source), scanned_(scanned), report_(report) {}

  /// The tree so far: a text that breaks off half-way still shows the mistakes before that place.
  Node take() {
    while (!open_.empty()) end();
    return std::move(root_);
  }

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}
  void OnAnchor(const YAML::Mark&, const std::string&) override {}
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    report_.error(place(mark), "aliases are not taken here");
    put(Node{Node::Kind::Hole, place(mark), {}, {}, {}});
  }
  void OnNull(const YAML::Mark& mark, YAML::anchor_t) override { put(null_node(place(mark))); }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t,
                const std::string& value) override {
    // The library says `?` of a plain scalar and `!` of a quoted one; an empty plain one is a missing value.
    if (tag == "?" && value.empty()) return put(null_node(place(mark)));
    put(Node{Node::Kind::Scalar, place(mark), value, {}, {}});
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t,
                       YAML::EmitterStyle::value) override {
    begin(Node::Kind::List, mark);
  }
  void OnSequenceEnd() override { end(); }
  void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t,
                  YAML::EmitterStyle::value) override {
    begin(Node::Kind::Map, mark);
  }
  void OnMapEnd() override { end(); }

 private:
  /// A map or list under construction, with the key that waits for its value.
  struct Open {
    Node node;
    std::string key;
    Where key_where;
    enum { Key, Value, DuplicateValue } next = Key;
  };

  Where place(const YAML::Mark& mark) const { return {source_, mark.line + 1, mark.column + 1}; }

  /// Where something was blanked, nothing is a hole; elsewhere it is a missing value. The key's line counts:
  /// the library puts an empty value where it found its end.
  Node null_node(Where where) const {
    const bool after_key =
        !open_.empty() && open_.back().node.kind == Node::Kind::Map && open_.back().next != Open::Key;
    if (after_key) where = open_.back().key_where;
    return Node{
        scanned_.damaged.contains(where.line) ? Node::Kind::Hole : Node::Kind::Null, where, {}, {}, {}};
  }

  void begin(Node::Kind kind, const YAML::Mark& mark) {
    if (open_.size() == static_cast<std::size_t>(kNestingMax))
      report_.error(place(mark), "this is nested too deeply");
    open_.push_back({Node{kind, place(mark), {}, {}, {}}, {}, {}, Open::Key});
  }

  void end() {
    Node done = std::move(open_.back().node);
    open_.pop_back();
    if (open_.size() >= static_cast<std::size_t>(kNestingMax))
      done = Node{Node::Kind::Hole, done.where, {}, {}, {}};
    put(std::move(done));
  }

  /// True once there are too many; the rest of the text is gone through and forgotten.
  bool full(const Node& node) {
    if (++values_ == kValuesMax) {
      report_.error(node.where, "more than " + std::to_string(kValuesMax) + " values are in this text");
      report_.incomplete();
    }
    return values_ >= kValuesMax && !open_.empty();
  }

  void put(Node node) {
    if (full(node)) return;
    if (open_.empty()) {
      root_ = std::move(node);
      return;
    }
    Open& parent = open_.back();
    if (parent.node.kind == Node::Kind::List) {
      parent.node.items.push_back(std::move(node));
      return;
    }
    if (parent.next == Open::Key) return take_key(parent, node);
    if (parent.next == Open::Value)
      parent.node.entries.push_back({parent.key, parent.key_where, std::move(node)});
    parent.next = Open::Key;
  }

  void take_key(Open& parent, const Node& key) {
    parent.key = key.scalar;
    parent.key_where = key.where;
    parent.next = Open::DuplicateValue;
    if (key.kind == Node::Kind::Hole) return;
    if (key.kind != Node::Kind::Scalar) return report_.error(key.where, "a key is a plain word");
    if (key.scalar == "<<")
      return report_.error(key.where, "merge keys are not taken here", "write the keys out");
    for (const auto& entry : parent.node.entries)
      if (entry.key == key.scalar)
        return report_.error(key.where, "the key \"" + printable(key.scalar, 80) + "\" is here twice",
                             "the first one is in line " + std::to_string(entry.where.line));
    parent.next = Open::Value;
  }

  int source_;
  const Scanned& scanned_;
  Report& report_;
  std::vector<Open> open_;
  std::size_t values_ = 0;
  Node root_;
};

/// What the library could not read. When the scan has refused something already, this is its consequence and
/// not told.
void unreadable(int source, const Scanned& scanned, Report& report, const YAML::Mark& mark,
                const std::string& why) {
  report.incomplete();
  if (!scanned.damaged.empty()) return;
  report.error({source, mark.line + 1, mark.column + 1}, "this is not understood as YAML: " + why,
               "look at the indentation and the colons here and in the line above");
}

}  // namespace

Node read_document(int source, Report& report) {
  const Scanned scanned = scan(source, report);
  TreeBuilder builder(source, scanned, report);
  if (!scanned.readable) return builder.take();
  try {
    std::istringstream stream(scanned.text);
    YAML::Parser parser(stream);
    parser.HandleNextDocument(builder);
  } catch (const YAML::Exception& exception) {
    unreadable(source, scanned, report, exception.mark, exception.msg);
  } catch (const std::exception&) {
    report.error({source, 1, 1}, "this is not understood as YAML");
    report.incomplete();
  }
  return builder.take();
}

}  // namespace mailchute
