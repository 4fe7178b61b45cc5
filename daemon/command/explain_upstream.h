// How an upstream fares, in plain words: what is wrong, whether it is the password, the network or the
// provider's own pace, until when, and what to type. Pure; any thread.
#pragma once

#include <optional>

#include "command/explain_facts.h"

namespace mailchute {

/// `name` must be configured.
Story explain_upstream(std::string_view name, const ExplainFacts& facts);

/// What stops an upstream: the reply that did it, and what today's rules make of it; empty when nothing does.
struct UpstreamTroubleTold {
  Stage stage = Stage::Connect;
  Reply reply;
  Verdict verdict;
  std::string meaning;
};
std::optional<UpstreamTroubleTold> trouble_of(std::string_view name, const ExplainFacts& facts);

/// What a person types while this stops an upstream. A secret that a program prints is not to be stored.
std::vector<std::string> remedies(const UpstreamSettings& upstream, const Verdict& verdict);

/// Held back by a rate or a quota of the configuration.
bool is_held_by_limit(const LiveUpstream& upstream);

}  // namespace mailchute
