#include <algorithm>
#include <optional>

#include "base/text.h"
#include "settings/document.h"
#include "settings/layers.h"
#include "settings/schema.h"

namespace mailchute {

namespace {

constexpr std::string_view kPrefix = "MAILCHUTE_";
constexpr std::string_view kUpstreams = "UPSTREAMS_";
/// The twin of a flag of `run`, and no key.
constexpr std::string_view kAllowRoot = "ALLOW_ROOT";

/// `queue.max_bytes` to `QUEUE_MAX_BYTES`.
std::string upper_snake(std::string_view path) {
  std::string name(path);
  for (char& c : name) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    if (c == '.' || c == '-') c = '_';
  }
  return name;
}

/// The key a variable stands for.
struct Twin {
  std::vector<std::string> path;  // From the root: upstreams, qq, timeouts, connect.
  Form::Kind kind;
};

std::vector<std::string> components(std::string_view path) {
  std::vector<std::string> parts;
  for (const auto part : split(path, '.')) parts.emplace_back(part);
  return parts;
}

/// The upstream of the tree whose name is spelled so in a variable, else the name itself in lower case.
std::string upstream_named(std::string_view name, const Node& tree) {
  if (const Node* upstreams = tree.find("upstreams"))
    for (const auto& entry : upstreams->entries)
      if (upper_snake(entry.key) == name) return entry.key;
  return lower(name);
}

/// `QQ_TIMEOUTS_CONNECT`: the longest key that it ends with leaves the name.
std::optional<Twin> upstream_twin(std::string_view rest, const Node& tree) {
  const Key<UpstreamSettings>* found = nullptr;
  for (const auto& key : upstream_keys())
    if (rest.ends_with("_" + upper_snake(key.path)) &&
        (found == nullptr || key.path.size() > found->path.size()))
      found = &key;
  if (found == nullptr || rest.size() == found->path.size() + 1) return std::nullopt;
  Twin twin{{"upstreams", upstream_named(rest.substr(0, rest.size() - found->path.size() - 1), tree)},
            found->form.kind};
  for (auto& part : components(found->path)) twin.path.push_back(std::move(part));
  return twin;
}

std::optional<Twin> twin_of(std::string_view name, const Node& tree) {
  for (const auto& key : settings_keys())
    if (upper_snake(key.path) == name && key.form.kind != Form::Upstreams)
      return Twin{components(key.path), key.form.kind};
  if (name.starts_with(kUpstreams)) return upstream_twin(name.substr(kUpstreams.size()), tree);
  return std::nullopt;
}

bool takes_more_than_one_value(Form::Kind kind) {
  switch (kind) {
    case Form::Endpoints:
    case Form::ChoiceList:
    case Form::RateMap:
    case Form::TextList:
    case Form::TextMap:
    case Form::Command:
    case Form::Routes:
    case Form::SmtpUsers: return true;
    default: return false;
  }
}

void apply(const Twin& twin, const std::string& name, const std::string& value, Node& tree, Report& report) {
  const int source = report.add({"environment variable " + name, value, SourceText::Kind::Environment});
  const Where where{source, 1, 1};
  Node node{Node::Kind::Scalar, where, value, {}, {}};
  if (takes_more_than_one_value(twin.kind)) node = read_document(source, report);
  // A map around it for each part of the path, innermost first: then it is one more layer.
  for (auto part = twin.path.rbegin(); part != twin.path.rend(); ++part) {
    Node map{Node::Kind::Map, where, {}, {}, {}};
    map.entries.push_back({*part, where, std::move(node)});
    node = std::move(map);
  }
  overlay(tree, std::move(node));
}

/// The known variable that was probably meant, as a hint.
std::string meant(std::string_view name) {
  std::vector<std::string> known;
  for (const auto& key : settings_keys()) known.push_back(upper_snake(key.path));
  const std::string found = closest(name, known);
  return found.empty() ? "" : "did you mean " + std::string(kPrefix) + found + "?";
}

}  // namespace

void apply_environment(const std::map<std::string, std::string>& environment, Node& tree, Report& report) {
  for (const auto& [variable, value] : environment) {
    if (!variable.starts_with(kPrefix) || value.empty()) continue;
    const std::string_view name = std::string_view(variable).substr(kPrefix.size());
    if (name == kAllowRoot) continue;
    if (const auto twin = twin_of(name, tree)) {
      apply(*twin, variable, value, tree, report);
    } else if (names_a_secret(name)) {
      // The value is not kept, so that it cannot be shown either.
      report.error_about("environment variable " + variable,
                         "a secret in the environment is visible in /proc",
                         "put it into a file and name that file in " + std::string(kPrefix) +
                             "UPSTREAMS_NAME_PASSWORD_FILE");
    } else {
      // Not an error: container platforms invent such names (a service called mailchute gives
      // MAILCHUTE_PORT).
      report.warning_about("environment variable " + variable,
                           "this variable is no key of the configuration and is not used", meant(name));
    }
  }
}

}  // namespace mailchute
