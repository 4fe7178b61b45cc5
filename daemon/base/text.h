// Small work on text that several folders need: case, trimming, base64, RFC 3339 times, and making bytes safe
// to show. Pure; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"

namespace mailchute {

/// ASCII lower case; bytes above 0x7f stay as they are.
std::string lower(std::string_view text);

/// Equal without regard to ASCII case.
bool equal_nocase(std::string_view a, std::string_view b);

/// True when `text` begins with `prefix`, without regard to ASCII case.
bool starts_nocase(std::string_view text, std::string_view prefix);

/// Without blanks and tabs at either end.
std::string_view trim(std::string_view text);

/// The parts between separators; an empty text gives one empty part.
std::vector<std::string_view> split(std::string_view text, char separator);

/// Decimal digits only, no sign, no blanks, no overflow; empty otherwise.
std::optional<std::uint64_t> parse_unsigned(std::string_view digits);

/// What may be shown on a terminal or in a log line: valid UTF-8 that is printable stays; control bytes, C1,
/// bidirectional overrides and invalid bytes become `\xNN`; a backslash is doubled. At most `bytes_max`
/// bytes, cut with "...".
std::string printable(std::string_view bytes, std::size_t bytes_max = 512);

/// True for well-formed UTF-8 (RFC 3629: no overlong forms, no surrogates).
bool valid_utf8(std::string_view bytes);

/// RFC 4648 section 4, with padding.
std::string base64_encode(std::string_view bytes);

/// Strict: alphabet, length and padding must be right. Empty when they are not.
std::optional<std::string> base64_decode(std::string_view text);

/// A JSON string with its quotes (RFC 8259 section 7). UTF-8 stays as it is; text that is none goes through
/// printable() first.
std::string json_quoted(std::string_view text);

/// `2026-03-01T12:00:00Z` (RFC 3339).
std::string rfc3339(WallTime time);

/// `Sun, 01 Mar 2026 12:00:00 +0000` (RFC 5322 3.3), in UTC so that it does not depend on the machine's zone
/// files.
std::string rfc5322_date(WallTime time);

/// `*` matches any run of characters; ASCII case is ignored. Linear in time for any pattern length up to 1
/// KiB.
bool matches_pattern(std::string_view pattern, std::string_view text);

}  // namespace mailchute
