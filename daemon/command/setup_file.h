// The configuration's text as `setup` changes it: a line for root and the lines of one upstream, each marked
// at its end, and every other line as it was. What a person wrote for the same keys is not touched without
// leave. Pure; any thread.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace mailchute {

/// What is written: the keys of the upstream in order, their values as YAML.
struct SetupLines {
  std::string root;
  std::string upstream;
  std::vector<std::pair<std::string, std::string>> keys;
};

/// At the end of each line that setup wrote; without it the line is a person's.
inline constexpr std::string_view kSetupMark = "  # setup";

/// Keep: `root` and `upstreams` that a person wrote are an error (code 73), with the line. Override: they are
/// turned into comments.
enum class Handwritten { Keep, Override };

/// `before` with the lines of an earlier setup replaced; empty: a new file.
Result<std::string> with_setup(std::string_view before, const SetupLines& lines, Handwritten handwritten);

}  // namespace mailchute
