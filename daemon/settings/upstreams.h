// The `upstreams` and `routes` of a configuration, and the rules that hold inside them. Looks at files that
// are named there (passwords, roots); any thread.
#pragma once

#include <vector>

#include "settings/profile.h"
#include "settings/reading.h"

namespace mailchute {

/// One UpstreamSettings for each entry, in file order, the profile's defaults under its own values.
void read_upstreams(Reading& reading, const Profiles& profiles, const Node& map,
                    std::vector<UpstreamSettings>& upstreams);

void read_routes(Reading& reading, const Node& list, std::vector<RouteSettings>& routes);
void read_smtp_users(Reading& reading, const Node& list, std::vector<SmtpUser>& users);

/// What must hold for one upstream whatever its provider: secrets, TLS, sender rules. Reports what does not.
void check_upstream(Reading& reading, const UpstreamSettings& upstream);

/// Every `via` names upstreams that exist; then adds the default route, unless the last one takes everything.
void finish_routes(Reading& reading, Settings& settings);

}  // namespace mailchute
