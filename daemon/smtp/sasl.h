// Logins that say all they have to say without looking at what the server answers: LOGIN and PLAIN (RFC 4954,
// RFC 4616). Each is a short list of lines, wiped as they go. Pure; one per attempt; any thread.
#pragma once

#include <cstddef>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

#include "base/secret.h"

namespace mailchute {

class SaslLogin {
 public:
  /// `mechanism` in lower case. Nothing for one that supports() denies, and when `user` or `password` holds a
  /// NUL, which ends a field of PLAIN (RFC 4616 2).
  static std::optional<SaslLogin> begin(std::string_view mechanism, std::string_view user,
                                        const Secret& password);
  static bool supports(std::string_view mechanism);

  /// First the AUTH command, then the answer to each 334, without CRLF; nothing when the mechanism has no
  /// more to say and the exchange must be cancelled. Prompts are not looked at: providers write `Username:`,
  /// `username:`, free text or nothing.
  std::optional<Secret> next_line();

  /// Lines that next_line() has given.
  std::size_t said() const { return said_; }

 private:
  std::deque<Secret> lines_;
  std::size_t said_ = 0;
};

/// Replaces by `***` what in `text` shows the password, plain or in the forms that LOGIN and PLAIN send:
/// servers like to quote the line that they did not understand.
void mask_credential(std::string& text, std::string_view user, const Secret& password);

}  // namespace mailchute
