#include "settings/node.h"

#include <utility>

namespace mailchute {

namespace {

/// Whoever wrote the value last is named with it; a map that is only added to stays where it began.
void overlay_entry(Node& map, Node::Entry above) {
  for (auto& entry : map.entries) {
    if (entry.key != above.key) continue;
    const bool both_maps = entry.value.kind == Node::Kind::Map && above.value.kind == Node::Kind::Map;
    if (!both_maps && above.value.kind != Node::Kind::Null) entry.where = above.where;
    return overlay(entry.value, std::move(above.value));
  }
  map.entries.push_back(std::move(above));
}

}  // namespace

const Node* Node::find(std::string_view key) const {
  for (const auto& entry : entries)
    if (entry.key == key) return &entry.value;
  return nullptr;
}

void overlay(Node& below, Node above) {
  // `queue:` with every key below it commented out takes nothing away.
  if (above.kind == Node::Kind::Null && below.kind == Node::Kind::Map) return;
  if (above.kind != Node::Kind::Map || below.kind != Node::Kind::Map) {
    below = std::move(above);
    return;
  }
  for (auto& entry : above.entries) overlay_entry(below, std::move(entry));
}

}  // namespace mailchute
