// A probe's steps as JSON, for the commands. Pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "deliver/probe.h"
#include "settings/settings.h"

namespace mailchute {

/// What `upstream test --json` prints.
struct ProbeReport {
  const UpstreamSettings& upstream;
  const std::vector<ProbeStep>& steps;
  std::string problem;  ///< Why it went no further though no step failed; empty: it went all the way.
  std::string next;     ///< What to do, and to type.
  std::optional<WallTime> rests_until{};  ///< Of logins, where none was tried for that.
};
std::string encode_probe(const ProbeReport& report);

}  // namespace mailchute
