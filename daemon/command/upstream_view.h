// Upstreams as people see them: from the running daemon, or as the queue remembers them while none runs.
// Pure; any thread.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/locale.h"
#include "base/phrase.h"
#include "control/operator.h"
#include "settings/settings.h"
#include "store/queue.h"

namespace mailchute {

/// What is configured, in file order, with the states that were saved last.
std::vector<LiveUpstream> saved_upstreams(const Settings& settings, const std::vector<UpstreamState>& saved,
                                          WallTime now);

/// What its state means to a person: `login refused`, `unreachable`, `asked to slow down`. The words of the
/// JSON are fewer, and fixed.
Phrase state_phrase(const LiveUpstream& upstream);

/// The provider itself wants less mail for a while: to try harder would prolong it.
bool asks_for_patience(const LiveUpstream& upstream);

/// Lines for a screen of so many places (0: any); a reason has a line of its own. Nothing when there is no
/// upstream.
std::string upstream_table(const std::vector<LiveUpstream>& upstreams, WallTime now, std::size_t screen,
                           Language language = Language::English);

}  // namespace mailchute
