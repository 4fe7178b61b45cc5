// How the upstreams fare: asked of the daemon, or as the queue remembers it while none runs. Main thread;
// waits.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "control/operator.h"
#include "settings/settings.h"

namespace mailchute {

struct UpstreamStates {
  std::vector<LiveUpstream> upstreams;  ///< All that are configured.
  std::optional<Error> not_running;     ///< The daemon does not answer, so that they are as it left them.
};

Result<UpstreamStates> upstream_states(const Settings& settings, WallTime now);

/// Null when there is none of this name.
const LiveUpstream* find_state(const UpstreamStates& states, const std::string& name);

/// The upstream is left alone because its login was refused.
bool login_cools_down(const LiveUpstream& upstream);

/// Fails with code 1 when `name` is no upstream of the configuration; the error names those that are.
Result<UpstreamSettings> find_upstream(const Settings& settings, const std::string& name);

}  // namespace mailchute
