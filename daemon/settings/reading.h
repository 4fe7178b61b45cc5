// Walks a Node map along a table of the schema: known keys are assigned, unknown ones are told with what was
// probably meant. Pure; any thread.
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "settings/effects.h"
#include "settings/node.h"
#include "settings/report.h"
#include "settings/schema.h"
#include "settings/value.h"

namespace mailchute {

/// One loading under way.
struct Reading {
  Report& report;
  std::string folder;                  ///< Of the main file: where relative paths begin.
  std::map<std::string, Where> given;  ///< Every key that was written somewhere, by its full path.

  /// Where `path` was written; where its nearest given parent was, else nowhere.
  Where where(const std::string& path) const;
  bool is_given(const std::string& path) const { return given.contains(path); }
};

/// Whose keys are read: `path` as people see it (`upstreams.qq.`), `schema` as the table says it
/// (`upstreams.*.`).
struct Scope {
  std::string path;
  std::string schema;
  /// A profile's values are nobody's wish, so nobody is told that one has no effect yet.
  enum class Effects { Told, Quiet } effects = Effects::Told;
};

/// Reports `entry` as a key that nothing at this place is called; `here` are the names that are, `everywhere`
/// all paths.
void report_unknown_key(Reading& reading, const Node::Entry& entry, const Scope& scope,
                        const std::vector<std::string>& here, const std::vector<std::string>& everywhere);

/// A note when the key is one of keys_without_effect().
void note_effect(Reading& reading, const Scope& scope, std::string_view key, Where where);

/// True for a map, or nothing, which is as good as an empty map; reports anything else but a hole.
bool is_section(Reading& reading, const Node& node, const std::string& path);

/// The names below `inner` (`queue.`) in a table: `path`, `lifetime`, and for `` the sections too.
template <typename Owner>
std::vector<std::string> names_below(std::span<const Key<Owner>> keys, std::string_view inner) {
  std::vector<std::string> names;
  for (const auto& key : keys) {
    if (!key.path.starts_with(inner)) continue;
    const std::string_view rest = key.path.substr(inner.size());
    std::string name(rest.substr(0, rest.find('.')));
    if (names.empty() || names.back() != name) names.push_back(std::move(name));
  }
  return names;
}

template <typename Owner>
const Key<Owner>* find_key(std::span<const Key<Owner>> keys, std::string_view path) {
  for (const auto& key : keys)
    if (key.path == path) return &key;
  return nullptr;
}

/// Reads `map` into `owner`. `special(key, entry)` is asked first and returns true for what it has dealt with
/// itself: the keys whose values are tables of their own.
template <typename Owner, typename Special>
void read_keys(Reading& reading, std::span<const Key<Owner>> keys, Owner& owner, const Node& map,
               const Scope& scope, const Special& special, const std::string& inner = {}) {
  for (const auto& entry : map.entries) {
    const std::string path = inner + entry.key;
    const bool plain_name = entry.key.find('.') == std::string::npos;
    const Key<Owner>* key = plain_name ? find_key(keys, path) : nullptr;
    if (key != nullptr) {
      reading.given[scope.path + path] = entry.where;
      note_effect(reading, scope, path, entry.where);
      if (special(*key, entry)) continue;
      assign(key->form, key->field(owner), entry.value, path, reading.folder, reading.report);
      continue;
    }
    if (plain_name && !entry.key.empty() && !names_below(keys, path + ".").empty()) {
      if (is_section(reading, entry.value, scope.path + path))
        read_keys(reading, keys, owner, entry.value, scope, special, path + ".");
      continue;
    }
    std::vector<std::string> everywhere;
    for (const auto& known : keys) everywhere.emplace_back(known.path);
    report_unknown_key(reading, entry, scope, names_below(keys, inner), everywhere);
  }
}

}  // namespace mailchute
