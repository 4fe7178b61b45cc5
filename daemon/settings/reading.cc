#include "settings/reading.h"

#include "base/text.h"

namespace mailchute {

namespace {

std::string in_quotes(std::string_view text) { return "\"" + printable(text, 120) + "\""; }

/// `lifetime` at the top belongs under `queue`; `queue.lifetime` in one word is two.
std::string other_place(std::string_view key, const std::vector<std::string>& everywhere) {
  for (const auto& path : everywhere) {
    if (path == key)
      return "keys are not joined with dots: write " + in_quotes(path.substr(path.rfind('.') + 1)) +
             " under " + in_quotes(path.substr(0, path.rfind('.')));
    const auto dot = path.rfind('.');
    if (dot != std::string::npos && path.substr(dot + 1) == key)
      return "it belongs under " + in_quotes(path.substr(0, dot));
  }
  return {};
}

std::string join(const std::vector<std::string>& words) {
  std::string text;
  for (const auto& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

std::string hint_for(const Node::Entry& entry, const Scope& scope, const std::vector<std::string>& here,
                     const std::vector<std::string>& everywhere) {
  const bool in_upstream = scope.schema == "upstreams.*.";
  if (in_upstream && names_a_secret(entry.key))
    return "did you mean \"password_file\"? a secret is kept in a file of its own, never in the "
           "configuration";
  if (const auto meant = closest(entry.key, here); !meant.empty())
    return "did you mean " + in_quotes(meant) + "?";
  if (const auto place = other_place(entry.key, everywhere); !place.empty()) return place;
  if (names_a_secret(entry.key)) return "a secret is kept in a file of its own, never in the configuration";
  return "known here: " + join(here);
}

}  // namespace

Where Reading::where(const std::string& path) const {
  for (std::string name = path;;) {
    if (const auto found = given.find(name); found != given.end()) return found->second;
    const auto dot = name.rfind('.');
    if (dot == std::string::npos) return {};
    name.resize(dot);
  }
}

void report_unknown_key(Reading& reading, const Node::Entry& entry, const Scope& scope,
                        const std::vector<std::string>& here, const std::vector<std::string>& everywhere) {
  // Behind the key, its quotes and its colon; the value may have lines of its own.
  Where value = entry.where;
  value.column += static_cast<int>(entry.key.size()) + 2;
  reading.report.hide(value);
  reading.report.error(entry.where, "unknown key " + in_quotes(entry.key),
                       hint_for(entry, scope, here, everywhere));
}

void note_effect(Reading& reading, const Scope& scope, std::string_view key, Where where) {
  if (scope.effects == Scope::Effects::Quiet) return;
  const std::string path = scope.schema + std::string(key);
  if (const NoEffect* entry = without_effect(path))
    reading.report.note(where, std::string(key) + " has no effect yet: " + std::string(entry->why));
}

bool is_section(Reading& reading, const Node& node, const std::string& path) {
  if (node.kind == Node::Kind::Map || node.kind == Node::Kind::Null) return true;
  if (node.kind != Node::Kind::Hole)
    reading.report.error(node.where, path + " takes keys of its own", "indent them below it");
  return false;
}

}  // namespace mailchute
