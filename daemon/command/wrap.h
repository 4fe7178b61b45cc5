// Sentences on a terminal: broken at blanks, and between Chinese characters, which have none. Pure; any
// thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace mailchute {

/// `text` behind `label`, each line with its end and, from the second on, `indent` blanks. No line is wider
/// than `screen` places unless a word is; 0: nothing is broken. Line ends in `text` stay.
std::string wrapped(std::string_view label, std::string_view text, std::size_t indent, std::size_t screen);

}  // namespace mailchute
