// Tries an upstream from a command: reads the secret, runs a Probe to its end on a loop of its own, and shows
// each step as it ends. Main thread; waits, at most the patience of each step.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/secret.h"
#include "deliver/probe.h"
#include "settings/settings.h"

namespace mailchute {

struct ProbeRequest {
  UpstreamSettings upstream;
  std::string ehlo_name;
  ProbeWish::Depth depth = ProbeWish::Depth::Sender;
  std::optional<Secret> secret = std::nullopt;  ///< Empty: it is read from where the upstream has it.
};

struct ProbeRun {
  std::vector<ProbeStep> steps;
  /// The secret could not be read: the steps then go up to the offers, and none of them failed for that.
  std::optional<Error> no_secret;

  /// Null when all was well.
  const ProbeStep* failure() const;
  bool good() const { return failure() == nullptr && !no_secret; }
};

/// Data for people, at once.
void print_step(const ProbeStep& step);

ProbeRun run_probe(ProbeRequest request, std::function<void(const ProbeStep&)> show);

}  // namespace mailchute
