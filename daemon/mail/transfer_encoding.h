// A body beyond ASCII for a server that does not take eight bits (RFC 6152 3): what of its header must
// change, and base64 for bodies that stream. A body of one piece only: inside a multipart every part would
// have to be taken apart. Pure; any thread.
#pragma once

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
