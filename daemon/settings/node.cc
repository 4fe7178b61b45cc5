#include "settings/node.h"

namespace mailchute {

const Node* Node::find(std::string_view key) const {
  for (const auto& entry : entries)
    if (entry.key == key) return &entry.value;
  return nullptr;
}

Node& Node::at(const std::string& key, Where from) {
  if (kind != Kind::Map) *this = Node{Kind::Map, from, {}, {}, {}};
  for (auto& entry : entries)
    if (entry.key == key) return entry.value;
  entries.push_back({key, from, Node{Kind::Null, from, {}, {}, {}}});
  return entries.back().value;
}

void overlay(Node& below, Node above) {
  // `queue:` with every key below it commented out takes nothing away.
  if (above.kind == Node::Kind::Null && below.kind == Node::Kind::Map) return;
  if (above.kind != Node::Kind::Map || below.kind != Node::Kind::Map) {
    below = std::move(above);
    return;
  }
  for (auto& entry : above.entries) {
    const bool known = below.find(entry.key) != nullptr;
    Node& value = below.at(entry.key, entry.where);
    if (known)
      overlay(value, std::move(entry.value));
    else
      value = std::move(entry.value);
  }
}

}  // namespace mailchute
