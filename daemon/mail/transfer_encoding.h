// A body beyond ASCII for a server that does not take eight bits (RFC 6152 3): what of its header must
// change, and the two encodings for bodies that stream. Of a body of several parts, each is one piece
// (mail/seven_bit_parts.h). Pure; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace mailchute {

/// `section` with `Content-Transfer-Encoding: encoding` in place of what it says, and with the fields that
/// this asks for: MIME-Version, and a Content-Type with `charset` where there is none. Empty when the body
/// must stay as it is: multipart and message/* (RFC 2045 6.4), an encoding already, a DKIM-Signature that the
/// change would break, a field that stands twice, a line that is no field.
std::optional<std::string> header_for_encoding(std::string_view section, std::string_view encoding,
                                               std::string_view charset);

/// The same for the header of a part, or of a multipart; what it is stays unsaid where it was. The caller
/// knows that it may be changed.
std::string part_header_for_encoding(std::string_view section, std::string_view encoding);

/// quoted-printable (RFC 2045 6.7) piece by piece, for canonical content: seven-bit, in lines of at most 76
/// bytes, and never with `=_` in it, which leaves that to boundaries.
class QuotedLines {
 public:
  std::string take(std::string_view bytes);
  /// What was held back; the text may go on behind it.
  std::string finish();

 private:
  void put(std::string& out, const std::string& piece);
  void put_blank(std::string& out);

  std::size_t column_ = 0;
  std::optional<char> blank_;  ///< At the end of a line it must be encoded.
  bool return_seen_ = false;   ///< CR, of which LF has not come yet.
};

/// base64 in lines of 76 (RFC 2045 6.8), piece by piece; holds at most 56 bytes back.
class Base64Lines {
 public:
  std::string take(std::string_view bytes);
  /// The rest.
  std::string finish();

  /// What `bytes` bytes come to, with every CRLF.
  static std::uint64_t encoded_bytes(std::uint64_t bytes);

 private:
  std::string held_;
};

}  // namespace mailchute
