// What changes between two texts, line by line, for a person who is asked whether it may. Pure; any thread.
#pragma once

#include <string>
#include <string_view>

namespace mailchute {

/// Lines that go with `- `, lines that come with `+ `, and two lines around them; `...` where something is
/// left out. Empty when nothing changes. Bytes that could act on a terminal are escaped.
std::string line_diff(std::string_view before, std::string_view after);

}  // namespace mailchute
