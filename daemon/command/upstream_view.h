// Upstreams as people see them: from the running daemon, or as the queue remembers them while none runs.
// Pure; any thread.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/locale.h"
#include "control/operator.h"
#include "settings/settings.h"
#include "store/queue.h"

namespace mailchute {

/// What is configured, in file order, with the states that were saved last.
std::vector<LiveUpstream> saved_upstreams(const Settings& settings, const std::vector<UpstreamState>& saved,
                                          WallTime now);

/// Lines for a screen of so many places (0: any); a reason has a line of its own. Nothing when there is no
/// upstream.
std::string upstream_table(const std::vector<LiveUpstream>& upstreams, WallTime now, std::size_t screen,
                           Language language = Language::English);

}  // namespace mailchute
