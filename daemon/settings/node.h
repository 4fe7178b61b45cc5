// The tree that a YAML text becomes: scalars as they were written, each with its place. No anchors, tags or
// types: those are refused before. Values; any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "settings/report.h"

namespace mailchute {

struct Node {
  /// Hole: something was here that could not be read and has been reported; it is neither missing nor wrong
  /// again.
  enum class Kind { Null, Scalar, List, Map, Hole };
  struct Entry;

  Kind kind = Kind::Null;
  Where where;
  std::string scalar;
  std::vector<Node> items;     ///< Of a List.
  std::vector<Entry> entries;  ///< Of a Map, in file order, each key once.

  const Node* find(std::string_view key) const;
};

struct Node::Entry {
  std::string key;
  Where where;
  Node value;
};

/// Lays `above` over `below`: maps merge, everything else replaces.
void overlay(Node& below, Node above);

}  // namespace mailchute
