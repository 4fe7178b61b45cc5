#include "smtp/sasl.h"

#include <initializer_list>
#include <utility>

#include "base/text.h"

namespace mailchute {

namespace {

/// Moves `text` under the care of a Secret and leaves nothing of it here.
Secret sealed(std::string text) {
  Secret secret(text);
  Secret::wipe(text);
  return secret;
}

Secret encoded(const Secret& secret) { return sealed(base64_encode(secret.reveal())); }

/// The parts in one piece. Growing would leave copies of a secret behind.
Secret joined(std::initializer_list<std::string_view> parts) {
  std::size_t bytes = 0;
  for (const std::string_view part : parts) bytes += part.size();
  std::string text;
  text.reserve(bytes);
  for (const std::string_view part : parts) text += part;
  return sealed(std::move(text));
}

/// authzid (empty), authcid, password, parted by NUL (RFC 4616 2).
Secret plain_message(std::string_view user, const Secret& password) {
  static constexpr std::string_view kNul("\0", 1);
  return joined({kNul, user, kNul, password.reveal()});
}

/// As Google and Microsoft define it: `user=`, ^A, `auth=Bearer `, ^A^A.
Secret xoauth2_message(std::string_view user, const Secret& token) {
  return joined({"user=", user, "\1auth=Bearer ", token.reveal(), "\1\1"});
}

/// RFC 5801 4: `,` and `=` would end the name in the header.
std::string sasl_name(std::string_view user) {
  std::string name;
  for (const char c : user) {
    if (c == ',')
      name += "=2C";
    else if (c == '=')
      name += "=3D";
    else
      name += c;
  }
  return name;
}

/// RFC 7628 3.1. Host and port are needed by tokens that sign them; a bearer token does not.
Secret oauthbearer_message(std::string_view user, const Secret& token) {
  return joined({"n,a=", sasl_name(user), ",\1auth=Bearer ", token.reveal(), "\1\1"});
}

/// With the initial response on the line (RFC 4954 4).
Secret auth_command(std::string_view mechanism, const Secret& message) {
  return joined({"AUTH ", mechanism, " ", encoded(message).reveal()});
}

bool holds_any(std::string_view text, std::string_view bytes) {
  return text.find_first_of(bytes) != std::string_view::npos;
}

}  // namespace

std::optional<SaslLogin> SaslLogin::begin(std::string_view mechanism, std::string_view user,
                                          const Secret& secret) {
  const std::string_view ends_a_field =
      wants_token(mechanism) ? std::string_view("\0\1", 2) : std::string_view("\0", 1);
  if (!supports(mechanism) || holds_any(user, ends_a_field) || holds_any(secret.reveal(), ends_a_field))
    return std::nullopt;

  SaslLogin login;
  const auto say = [&login](Secret line) { login.lines_.push_back(std::move(line)); };
  if (mechanism == "plain") {
    // Always with the initial response: QQ answers a bare `AUTH PLAIN` with 502.
    say(auth_command("PLAIN", plain_message(user, secret)));
  } else if (mechanism == "xoauth2") {
    say(auth_command("XOAUTH2", xoauth2_message(user, secret)));
    // A token that is refused is told so in a 334 with JSON in it; the refusal itself comes after an empty
    // line.
    say(Secret());
  } else if (mechanism == "oauthbearer") {
    say(auth_command("OAUTHBEARER", oauthbearer_message(user, secret)));
    say(Secret("AQ=="));  // RFC 7628 3.2.3: a lone ^A asks for the refusal
  } else {
    // Never with the user on the first line: all servers know the two steps, not all know the short form.
    say(Secret("AUTH LOGIN"));
    say(Secret(base64_encode(user)));
    say(encoded(secret));
  }
  return login;
}

bool SaslLogin::supports(std::string_view mechanism) {
  return mechanism == "login" || mechanism == "plain" || wants_token(mechanism);
}

bool SaslLogin::wants_token(std::string_view mechanism) {
  return mechanism == "xoauth2" || mechanism == "oauthbearer";
}

std::optional<Secret> SaslLogin::next_line() {
  if (lines_.empty()) return std::nullopt;
  Secret line = std::move(lines_.front());
  lines_.pop_front();
  ++said_;
  return line;
}

std::vector<Secret> sasl_messages(std::string_view user, const Secret& secret) {
  static constexpr std::string_view kNul("\0", 1);
  // Some clients name the user twice (RFC 4616 2: authzid and authcid), and some servers print it so.
  std::vector<Secret> messages;
  messages.push_back(plain_message(user, secret));
  messages.push_back(joined({user, kNul, user, kNul, secret.reveal()}));
  messages.push_back(xoauth2_message(user, secret));
  messages.push_back(oauthbearer_message(user, secret));
  messages.push_back(secret);
  return messages;
}

}  // namespace mailchute
