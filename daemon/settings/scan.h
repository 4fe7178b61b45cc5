// Looks through a configuration text before the YAML library does. The library silently accepts what ends in
// a surprise (a quote that is never closed swallows the rest of the file), recurses on hostile nesting, and
// knows no exact place for either. The part of YAML taken here is small on purpose: block and flow maps and
// lists, plain and quoted scalars on one line. Pure; any thread.
#pragma once

#include <set>
#include <string>

#include "settings/report.h"

namespace mailchute {

/// Maps and lists inside each other, either style; the schema needs five.
inline constexpr int kNestingMax = 20;
/// Bytes of one line; the longest sensible one is a list of addresses.
inline constexpr std::size_t kLineBytes = 8 * 1024;

/// The text made harmless for the library: what was refused is blanked, every byte keeps its line and column.
struct Scanned {
  std::string text;
  std::set<int> damaged;  ///< Lines on which something was blanked.
  bool readable = true;   ///< False: do not parse it at all.
};

/// Reports tabs, unclosed quotes, anchors, aliases, tags, directives, block texts, further documents,
/// nesting, long lines, control bytes, and text that is not UTF-8.
Scanned scan(int source, Report& report);

}  // namespace mailchute
