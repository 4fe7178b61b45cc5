// What a reply that was given outside of any message says of its upstream. Pure; any thread.
#pragma once

#include "deliver/courier.h"
#include "settings/settings.h"

namespace mailchute {

/// Login where the credential was refused, or the account is; else Connection, with the pause that the
/// provider's row or the generic one asks for.
UpstreamTrouble trouble_of(const UpstreamSettings& settings, Stage stage, const Reply& reply);

}  // namespace mailchute
