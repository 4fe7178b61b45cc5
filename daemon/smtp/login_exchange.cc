#include "smtp/login_exchange.h"

#include "base/text.h"

namespace mailchute {

std::optional<LoginExchange> LoginExchange::begin(std::string_view mechanism) {
  if (equal_nocase(mechanism, "PLAIN")) return LoginExchange("plain");
  if (equal_nocase(mechanism, "LOGIN")) return LoginExchange("login");
  return std::nullopt;
}

std::string_view LoginExchange::challenge() const {
  if (mechanism_ == "plain") return "";
  return user_.empty() ? "VXNlcm5hbWU6" : "UGFzc3dvcmQ6";  // `Username:`, `Password:`
}

LoginExchange::Step LoginExchange::respond(std::string_view base64) {
  if (base64 == "=") base64 = "";  // RFC 4954 4: an empty initial response
  auto bytes = base64_decode(base64);
  if (!bytes) return Step::Malformed;
  const Secret secret(*bytes);
  Secret::wipe(*bytes);
  return mechanism_ == "plain" ? take_plain(secret.reveal()) : take_login(secret.reveal());
}

LoginExchange::Step LoginExchange::take_plain(std::string_view bytes) {
  // RFC 4616 2: [authzid] NUL authcid NUL passwd; none of them holds a NUL.
  const auto fields = split(bytes, '\0');
  if (fields.size() != 3 || fields[1].empty() || fields[2].empty()) return Step::Malformed;
  // Nobody may act for another here.
  if (!fields[0].empty() && fields[0] != fields[1]) return Step::Malformed;
  user_ = fields[1];
  password_ = Secret(std::string(fields[2]));
  return Step::Complete;
}

LoginExchange::Step LoginExchange::take_login(std::string_view bytes) {
  if (bytes.empty() || bytes.find('\0') != std::string_view::npos) return Step::Malformed;
  if (user_.empty()) {
    user_ = bytes;
    return Step::More;
  }
  password_ = Secret(std::string(bytes));
  return Step::Complete;
}

}  // namespace mailchute
