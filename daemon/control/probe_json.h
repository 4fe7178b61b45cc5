// A probe's steps as JSON, for the commands. Pure; any thread.
#pragma once

#include <string>
#include <vector>

#include "deliver/probe.h"
#include "settings/settings.h"

namespace mailchute {

/// What `upstream test --json` prints.
struct ProbeReport {
  const UpstreamSettings& upstream;
  const std::vector<ProbeStep>& steps;
  std::string problem;  ///< Why it went no further though no step failed; empty: it went all the way.
  std::string next;     ///< What to do, and to type.
};
std::string encode_probe(const ProbeReport& report);

}  // namespace mailchute
