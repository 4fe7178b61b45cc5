#include "smtp/sasl.h"

#include <utility>

#include "base/text.h"

namespace mailchute {

namespace {

/// As many characters of an encoded credential as tell it from any other word.
constexpr std::size_t kTellingBytes = 12;

/// Moves `text` under the care of a Secret and leaves nothing of it here.
Secret sealed(std::string text) {
  Secret secret(text);
  Secret::wipe(text);
  return secret;
}

Secret encoded(const Secret& secret) { return sealed(base64_encode(secret.reveal())); }

/// authzid (empty), authcid, password, parted by NUL (RFC 4616 2).
Secret plain_message(std::string_view user, const Secret& password) {
  std::string message;
  message.reserve(user.size() + password.reveal().size() + 2);  // growing would leave copies behind
  message += '\0';
  message += user;
  message += '\0';
  message += password.reveal();
  return sealed(std::move(message));
}

Secret plain_command(std::string_view user, const Secret& password) {
  static constexpr std::string_view kVerb = "AUTH PLAIN ";
  const Secret response = encoded(plain_message(user, password));
  std::string line;
  line.reserve(kVerb.size() + response.reveal().size());
  line += kVerb;
  line += response.reveal();
  return sealed(std::move(line));
}

void mask(std::string& text, std::string_view needle) {
  static constexpr std::string_view kMask = "***";
  if (needle.empty()) return;
  for (auto at = text.find(needle); at != std::string::npos; at = text.find(needle, at + kMask.size())) {
    const auto end =
        text.find_first_of(" \t\r\n\"'<>", at + needle.size());  // the rest of the word belongs to it
    text.replace(at, (end == std::string::npos ? text.size() : end) - at, kMask);
  }
}

}  // namespace

std::optional<SaslLogin> SaslLogin::begin(std::string_view mechanism, std::string_view user,
                                          const Secret& password) {
  const auto has_nul = [](std::string_view text) { return text.find('\0') != std::string_view::npos; };
  if (!supports(mechanism) || has_nul(user) || has_nul(password.reveal())) return std::nullopt;

  SaslLogin login;
  if (mechanism == "plain") {
    // Always with the initial response: QQ answers a bare `AUTH PLAIN` with 502.
    login.lines_.push_back(plain_command(user, password));
    return login;
  }
  // Never with the user on the first line: all servers know the two steps, not all know the short form.
  login.lines_.push_back(Secret("AUTH LOGIN"));
  login.lines_.push_back(Secret(base64_encode(user)));
  login.lines_.push_back(encoded(password));
  return login;
}

bool SaslLogin::supports(std::string_view mechanism) { return mechanism == "login" || mechanism == "plain"; }

std::optional<Secret> SaslLogin::next_line() {
  if (lines_.empty()) return std::nullopt;
  Secret line = std::move(lines_.front());
  lines_.pop_front();
  ++said_;
  return line;
}

void mask_credential(std::string& text, std::string_view user, const Secret& password) {
  if (password.empty()) return;
  mask(text, encoded(plain_message(user, password)).reveal().substr(0, kTellingBytes));
  mask(text, encoded(password).reveal().substr(0, kTellingBytes));
  mask(text, password.reveal());
}

}  // namespace mailchute
