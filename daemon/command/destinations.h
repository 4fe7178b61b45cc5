// Where mail for an address would go by the configuration, by which upstreams, and as whom. Pure; any thread.
#pragma once

#include <string>

#include "base/result.h"
#include "control/destinations_json.h"
#include "settings/settings.h"

namespace mailchute {

/// `sender` may be a bare name, as `address` may; an empty one is root. Code 67 when one of them is no
/// address, 1 when an alias leads to more addresses than one message may have.
Result<Destinations> destinations_of(const Settings& settings, const std::string& address,
                                     const std::string& sender);

/// For people.
std::string destinations_text(const Destinations& destinations);

}  // namespace mailchute
