// The server's half of AUTH PLAIN (RFC 4616) and AUTH LOGIN: challenges out, responses in, and at the end a
// user and a password. Checks nothing but form. Pure; one per AUTH command; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/secret.h"

namespace mailchute {

class LoginExchange {
 public:
  /// `mechanism` in any case; nothing for one that is not offered.
  static std::optional<LoginExchange> begin(std::string_view mechanism);

  /// What follows `334 `; empty for PLAIN.
  std::string_view challenge() const;

  /// Takes one response, base64 (`=` for an empty one). More: send the next challenge. Malformed: the
  /// exchange is over.
  enum class Step { More, Complete, Malformed };
  Step respond(std::string_view base64);

  const std::string& mechanism() const { return mechanism_; }  ///< Lower case.
  const std::string& user() const { return user_; }
  Secret take_password() { return std::move(password_); }

 private:
  explicit LoginExchange(std::string mechanism) : mechanism_(std::move(mechanism)) {}
  Step take_plain(std::string_view bytes);
  Step take_login(std::string_view bytes);

  std::string mechanism_;
  std::string user_;
  Secret password_;
};

}  // namespace mailchute
