#include "command/explain_facts.h"

#include <algorithm>

#include "command/moments.h"
#include "command/words.h"

namespace mailchute {

namespace {

template <typename T>
const T* find_named(const std::vector<T>& all, std::string_view name) {
  const auto found =
      std::find_if(all.begin(), all.end(), [name](const T& each) { return each.name == name; });
  return found == all.end() ? nullptr : &*found;
}

}  // namespace

const UpstreamSettings* configured(const ExplainFacts& facts, std::string_view name) {
  return find_named(facts.settings.upstreams, name);
}

const LiveUpstream* live_upstream(const ExplainFacts& facts, std::string_view name) {
  return find_named(facts.live, name);
}

const UpstreamState* saved_upstream(const ExplainFacts& facts, std::string_view name) {
  return find_named(facts.saved, name);
}

std::string when(WallTime time, const ExplainFacts& facts) {
  if (time <= facts.now) return facts.chinese() ? "现在" : "now";
  const std::string distance = long_duration(time - facts.now, facts.language);
  const std::string clock = " (" + local_time(time, facts.now) + ")";
  return facts.chinese() ? distance + "后" + clock : "in " + distance + clock;
}

std::string ago(WallTime time, const ExplainFacts& facts) {
  const std::string distance = long_duration(facts.now - time, facts.language);
  const std::string clock = " (" + local_time(time, facts.now) + ")";
  return facts.chinese() ? distance + "前" + clock : distance + " ago" + clock;
}

}  // namespace mailchute
