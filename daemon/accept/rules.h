// What acceptance goes by: today's configuration, reduced to what a session needs. Replaced as a whole at
// reload; sessions that are open go on with what they copied. Loop thread only.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>

#include "base/clock.h"
#include "mail/aliases.h"
#include "mail/mailbox.h"
#include "smtp/server_session.h"

namespace mailchute {

struct AcceptRules {
  ServerOptions session;
  std::size_t header_bytes_max = 256 << 10;
  std::size_t connections_max = 1000;
  std::size_t connections_per_user_max = 200;
  Duration lifetime = std::chrono::hours(120);
  /// Completes the sender, and recipients that nothing else is known of. `session.mail_domain` is then empty,
  /// so that a bare recipient is still known as one when it is looked up.
  std::string mail_domain;
  Aliases aliases;
  /// The route of a recipient, for the queue: names of upstreams joined by ','. Pure.
  std::function<std::string(const std::optional<Mailbox>&, const Mailbox&)> route;
  /// The route of a message that an operator has announced by its Message-ID; empty for all others.
  std::function<std::optional<std::string>(const std::string&)> route_once = {};
};

}  // namespace mailchute
