// Logins that say all they have to say without looking at what the server answers: LOGIN and PLAIN (RFC 4954,
// RFC 4616) with a password, XOAUTH2 and OAUTHBEARER (RFC 7628) with a token. Each is a short list of lines,
// wiped as they go. Pure; one per attempt; any thread.
#pragma once

#include <cstddef>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/secret.h"

namespace mailchute {

class SaslLogin {
 public:
  /// `mechanism` in lower case. Nothing for one that supports() denies, and when `user` or `secret` holds a
  /// byte that ends a field: NUL (RFC 4616 2), for a token also ^A.
  static std::optional<SaslLogin> begin(std::string_view mechanism, std::string_view user,
                                        const Secret& secret);
  static bool supports(std::string_view mechanism);
  /// It presents a token that is good for a while; the others present a password. A password must never be
  /// given to such a mechanism, nor a token to another.
  static bool wants_token(std::string_view mechanism);

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

/// What the mechanisms say of a credential, before it is encoded: for who looks for it in other texts.
std::vector<Secret> sasl_messages(std::string_view user, const Secret& secret);

}  // namespace mailchute
