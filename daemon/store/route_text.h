// A recipient's route as the queue keeps it: the names of upstreams in order, joined by ','. One that cannot
// take this message stays in its place, behind a '!': what has lost a name so is a narrowed route. Pure; any
// thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace mailchute {

/// The upstreams that may carry the mail of this route.
std::vector<std::string> route_upstreams(std::string_view route);

/// Those that cannot take it.
std::vector<std::string> route_refusers(std::string_view route);

/// The route without this upstream; empty when nobody else is left, or the route does not name it.
std::string narrowed(std::string_view route, std::string_view upstream);

/// As it is configured.
std::string widened(std::string_view route);

}  // namespace mailchute
