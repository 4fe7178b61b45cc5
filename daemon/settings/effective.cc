#include "settings/effective.h"

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

#include "base/text.h"
#include "settings/schema.h"

namespace mailchute {

namespace {

constexpr char kMask[] = "***";

void mask_arguments(ValueText& command) {
  for (std::size_t i = 1; i < command.items.size(); ++i) command.items[i] = kMask;
}

/// One walk over the settings along the tables.
class Walk {
 public:
  explicit Walk(const Loaded& loaded) : loaded_(loaded), settings_(*loaded.settings) {}

  std::vector<EffectiveKey> run() {
    for (const auto& key : settings_keys()) {
      switch (key.form.kind) {
        case Form::Upstreams:
          for (UpstreamSettings& each : settings_.upstreams)
            add_all(upstream_keys(), each, "upstreams." + each.name + ".");
          break;
        case Form::Routes: add_list(route_keys(), settings_.routes, "routes."); break;
        case Form::SmtpUsers:
          add_list(smtp_user_keys(), settings_.listen.smtp_users, std::string(key.path) + ".");
          break;
        default: add(key, settings_, "", 0);
      }
    }
    return std::move(keys_);
  }

 private:
  template <typename Owner>
  void add_list(std::span<const Key<Owner>> keys, std::vector<Owner>& owners, const std::string& prefix) {
    const std::size_t place = split(prefix, '.').size() - 1;
    for (std::size_t i = 0; i < owners.size(); ++i)
      add_all(keys, owners[i], prefix + std::to_string(i) + ".", place);
  }

  template <typename Owner>
  void add_all(std::span<const Key<Owner>> keys, Owner& owner, const std::string& prefix,
               std::size_t place = 0) {
    for (const auto& key : keys) add(key, owner, prefix, place);
  }

  template <typename Owner>
  void add(const Key<Owner>& key, Owner& owner, const std::string& prefix, std::size_t place) {
    EffectiveKey shown{
        prefix + std::string(key.path), place, key.form.kind, value_text(key.form, key.field(owner)), {}};
    if (shown.value.kind == ValueText::Kind::None) return;
    if (key.form.kind == Form::Command) mask_arguments(shown.value);
    const auto found = loaded_.origins.find(shown.path);
    if (found != loaded_.origins.end()) shown.origin = found->second;
    keys_.push_back(std::move(shown));
  }

  const Loaded& loaded_;
  Settings settings_;  ///< A copy, because a table's fields can be written through.
  std::vector<EffectiveKey> keys_;
};

std::string written_key(std::string_view name) {
  return show(ValueText{ValueText::Kind::Text, std::string(name)}, Form::Text) + ":";
}

/// Writes the nested blocks of one key after another.
class YamlWriter {
 public:
  void write(const EffectiveKey& key, const std::string& comment) {
    const auto segments = split(key.path, '.');
    std::size_t common = 0;
    while (common + 1 < segments.size() && common + 1 < open_.size() && segments[common] == open_[common])
      ++common;
    for (std::size_t depth = common; depth + 1 < segments.size(); ++depth)
      open(segments[depth], depth, key.place_in_list);
    indent(segments.size() - 1);
    text_ += written_key(segments.back()) + " " + show(key.value, key.form) + comment + "\n";
    open_.assign(segments.begin(), segments.end());
  }

  std::string take() { return std::move(text_); }

 private:
  /// A place in a list has no line of its own: its dash stands before the first of its keys.
  void open(std::string_view segment, std::size_t depth, std::size_t place_in_list) {
    if (depth > 0 && depth == place_in_list) {
      dash_ = true;
      return;
    }
    indent(depth);
    text_ += written_key(segment) + "\n";
  }

  void indent(std::size_t depth) {
    text_.append(2 * depth, ' ');
    if (std::exchange(dash_, false)) text_.replace(text_.size() - 2, 2, "- ");
  }

  std::string text_;
  std::vector<std::string> open_;  ///< The segments of the last key.
  bool dash_ = false;
};

}  // namespace

std::vector<EffectiveKey> effective_keys(const Loaded& loaded) { return Walk(loaded).run(); }

std::string origin_words(const Origin& origin) {
  const std::string source = printable(origin.source, 4096);
  switch (origin.kind) {
    case Origin::Default: return "default";
    case Origin::Environment: return source;
    case Origin::Profile: return "profile " + source + ":" + std::to_string(origin.line);
    case Origin::File: break;
  }
  return source + ":" + std::to_string(origin.line);
}

std::string effective_yaml(const std::vector<EffectiveKey>& keys, Origins origins) {
  YamlWriter writer;
  for (const EffectiveKey& key : keys)
    writer.write(key, origins == Origins::Shown ? "  # " + origin_words(key.origin) : "");
  return writer.take();
}

}  // namespace mailchute
