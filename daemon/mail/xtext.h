// The encoding of DSN parameters (RFC 3461 4). Pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace mailchute {

/// The bytes that `text` stands for: `+` and two upper case hex digits are one byte. Empty when it is not
/// xtext; what comes out may be anything, so it must be looked at before it is shown or written into a
/// header.
std::optional<std::string> xtext_decode(std::string_view text);

/// `bytes` as xtext: what is not printable ASCII, `+`, `=` and blanks are written as `+` and two hex digits.
std::string xtext_encode(std::string_view bytes);

}  // namespace mailchute
