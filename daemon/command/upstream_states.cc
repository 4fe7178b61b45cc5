#include "command/upstream_states.h"

#include <algorithm>
#include <utility>

#include "base/exit_codes.h"
#include "base/text.h"
#include "command/queue_access.h"
#include "command/upstream_view.h"
#include "control/json.h"
#include "settings/diagnose.h"

namespace mailchute {

namespace {

constexpr int kNothing = 1;

/// As the queue remembers them; without any memory when there is no queue yet.
Result<std::vector<LiveUpstream>> remembered(const Settings& settings, WallTime now) {
  auto reader = open_reader(settings);
  if (!reader) return saved_upstreams(settings, {}, now);
  return saved_upstreams(settings, TRY(reader->upstreams()), now);
}

}  // namespace

Result<UpstreamStates> upstream_states(const Settings& settings, WallTime now) {
  const auto body = ask_if_running(settings, "GET", "/v1/status", "");
  if (body) return UpstreamStates{TRY(decode_live_status(*body)).upstreams, std::nullopt};
  if (body.error().code != exit_code::kNotRunning) return tl::unexpected(body.error());
  return UpstreamStates{TRY(remembered(settings, now)), body.error()};
}

const LiveUpstream* find_state(const UpstreamStates& states, const std::string& name) {
  const auto found = std::find_if(states.upstreams.begin(), states.upstreams.end(),
                                  [&](const LiveUpstream& each) { return each.name == name; });
  return found == states.upstreams.end() ? nullptr : &*found;
}

bool login_cools_down(const LiveUpstream& upstream) {
  return upstream.until && upstream.reason.starts_with(std::string(stage_name(Stage::Auth)) + ":");
}

Result<UpstreamSettings> find_upstream(const Settings& settings, const std::string& name) {
  std::vector<std::string> names;
  for (const UpstreamSettings& upstream : settings.upstreams) {
    if (upstream.name == name) return upstream;
    names.push_back(upstream.name);
  }
  std::string text = "there is no upstream " + printable(name, 80);
  if (const std::string meant = closest(name, names); !meant.empty()) text += "; did you mean " + meant + "?";
  return fail(text, kNothing);
}

}  // namespace mailchute
