// What the parts of `explain` are told: the configuration, how the upstreams fare, and who reads. Values; any
// thread.
#pragma once

#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/locale.h"
#include "control/operator.h"
#include "control/story.h"
#include "settings/settings.h"
#include "store/queue.h"

namespace mailchute {

struct ExplainFacts {
  const Settings& settings;
  WallTime now{};
  Language language = Language::English;
  enum class Daemon { Running, Down } daemon = Daemon::Running;
  std::vector<LiveUpstream> live = {};  ///< In file order; as the queue remembers them while no daemon runs.
  std::vector<UpstreamState> saved = {};
  std::vector<Spending> spendings = {};

  bool chinese() const { return language == Language::Chinese; }
};

/// The configured upstream of that name; null when there is none.
const UpstreamSettings* configured(const ExplainFacts& facts, std::string_view name);
const LiveUpstream* live_upstream(const ExplainFacts& facts, std::string_view name);
const UpstreamState* saved_upstream(const ExplainFacts& facts, std::string_view name);

/// `in 6m (14:30)`; `now` for what has passed.
std::string when(WallTime time, const ExplainFacts& facts);
/// `4m ago (14:20)`.
std::string ago(WallTime time, const ExplainFacts& facts);

}  // namespace mailchute
