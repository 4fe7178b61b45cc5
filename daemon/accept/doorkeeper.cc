#include "accept/doorkeeper.h"

#include <utility>

#include "base/text.h"

namespace mailchute {

namespace {

const Reply kOwnMachineOnly{554, "5.7.1", "This server takes mail from its own machine only"};
const Reply kNoTlsNow{421, "4.3.0", "TLS is not available here at present; try again later"};
const Reply kLoginAccepted{235, "2.7.0", ""};
const Reply kLoginRefused{535, "5.7.8", "Login refused"};                             // RFC 4954 6
const Reply kTriedTooOften{454, "4.7.0", "Too many failed logins; try again later"};  // RFC 4954 6

}  // namespace

// Our own trouble is a temporary one: a device that is told 5xx gives its mail up.
std::optional<Reply> Doorkeeper::refusal(const Source& source) const {
  if (!is_stranger(source)) return std::nullopt;
  if (rules_.strangers == DoorRules::Strangers::Refused) return kOwnMachineOnly;
  if (!rules_.put_tls_on) return kNoTlsNow;
  return std::nullopt;
}

void Doorkeeper::offer(const Source& source, ServerOptions& options) const {
  if (came_by_submit(source) || !rules_.put_tls_on) return;
  options.starttls = ServerOptions::StartTls::Offered;
  if (is_stranger(source))
    options.logins = ServerOptions::Logins::Required;
  else if (!rules_.logins.empty())
    options.logins = ServerOptions::Logins::Offered;
}

std::unique_ptr<Stream> Doorkeeper::put_tls_on(std::unique_ptr<Stream> plain) {
  return rules_.put_tls_on ? rules_.put_tls_on(std::move(plain)) : nullptr;
}

Reply Doorkeeper::judge(const Source& source, const std::string& name, const Secret& password,
                        SteadyTime now) {
  const std::string client = party(source);
  if (!tries_.allowed(client, name, now)) return kTriedTooOften;
  if (!rules_.logins.accepts(name, password)) {
    tries_.failed(client, name, now);
    return kLoginRefused;
  }
  tries_.succeeded(client, name);
  return kLoginAccepted;
}

std::string Doorkeeper::loggable(const std::string& name) const {
  return rules_.logins.knows(name) ? printable(name, 200) : "a name that nobody has";
}

}  // namespace mailchute
