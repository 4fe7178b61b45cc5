// Puts text that is not plain ASCII into a form that every mail server carries. Pure; any thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace mailchute {

/// True when `content` is printable ASCII, tabs and CRLF, in lines of at most 998 bytes: it needs no
/// encoding.
bool is_seven_bit(std::string_view content);

/// RFC 2045 6.7, for canonical content; what comes out is seven-bit, in lines of at most 76 bytes, and never
/// holds `=_`, which leaves that to boundaries.
std::string quoted_printable(std::string_view content);

/// One line for an unstructured field such as Subject: printable ASCII stays as it is, UTF-8 becomes encoded
/// words of RFC 2047 with blanks between them. Other bytes become `?`. At most `bytes_max` bytes of `text`
/// are taken.
std::string encoded_words(std::string_view text, std::size_t bytes_max);

/// One line of printable ASCII that shows any bytes: what printable() leaves beyond ASCII becomes `\xNN`,
/// line ends blanks.
std::string ascii_line(std::string_view bytes, std::size_t bytes_max);

}  // namespace mailchute
