// Which upstreams may carry a message, in which order. Pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "mail/mailbox.h"
#include "settings/settings.h"

namespace mailchute {

/// The names of the first route that matches, joined by ','. The null sender matches the pattern `*` and the
/// empty one. Empty when no route matches, which loading rules out: the default route is the last.
std::string choose_route(const std::vector<RouteSettings>& routes, const std::optional<Mailbox>& sender,
                         const Mailbox& recipient);

/// Every route that choose_route() can give, each once, in file order.
std::vector<std::string> all_routes(const std::vector<RouteSettings>& routes);

/// Changes whenever the routes do: 16 hex digits. Tells a store whether what it holds was routed by this
/// configuration; no protection against anyone.
std::string routing_fingerprint(const std::vector<RouteSettings>& routes);

}  // namespace mailchute
