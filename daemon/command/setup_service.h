// Brings what `setup` wrote to the daemon: a running one reloads, and where systemd runs the service may be
// started. Main thread; waits.
#pragma once

#include <array>

#include "base/result.h"
#include "settings/settings.h"

namespace mailchute {

inline constexpr const char* kServiceUnit = "mailchute.service";
/// All units of ours, the sockets first.
inline constexpr std::array<const char*, 4> kServiceUnits = {"mailchute.socket", "mailchute-submit.socket",
                                                             "mailchute-control.socket", kServiceUnit};

/// Code 69 when no daemon runs, or one with another configuration, 78 when it refuses the configuration (what
/// it said has then been said).
Result<void> reload_daemon(const Settings& settings);

/// systemd runs this machine and has our units, we are root, and the configuration is the one that the
/// service reads.
bool service_can_start(const Settings& settings);

/// Starts the service's units, and enables them for each boot. Where another program has the port nothing is
/// enabled: code 73, and the error names the program.
Result<void> start_service();

}  // namespace mailchute
