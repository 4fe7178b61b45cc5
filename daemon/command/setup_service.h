// Brings what `setup` wrote to the daemon: a running one reloads, and where systemd runs the service may be
// started. Main thread; waits.
#pragma once

#include "base/result.h"
#include "settings/settings.h"

namespace mailchute {

/// Code 69 when no daemon runs, 78 when it refuses the configuration (what it said has then been said).
Result<void> reload_daemon(const Settings& settings);

/// systemd runs this machine, we are root, and the configuration is the one that the service reads.
bool service_can_start(const Settings& settings);

/// Enables and starts the service's units.
Result<void> start_service();

}  // namespace mailchute
