// `upstream test NAME`: the probe, live.
#include <optional>
#include <utility>

#include "base/text.h"
#include "command/commands.h"
#include "command/console.h"
#include "command/probe_run.h"
#include "command/probe_view.h"
#include "command/queue_access.h"
#include "command/upstream_states.h"
#include "command/words.h"
#include "control/probe_json.h"

namespace mailchute {

namespace {

constexpr int kSaidNo = 1;

std::string heading(const UpstreamSettings& upstream) {
  std::string text = printable(upstream.name) + " (" + printable(upstream.provider) +
                     "): " + printable(upstream.host) + ":" + std::to_string(upstream.port);
  if (!upstream.user.empty()) text += ", as " + printable(upstream.user);
  return text + "\n";
}

/// A refused login that is tried again and again locks the account, whoever tries.
void warn_of_login(const UpstreamSettings& upstream, const LiveUpstream& state, WallTime now) {
  say("note: " + printable(upstream.name) + " is left alone after a refused login (" +
      printable(state.reason, 1024) + "), for another " + long_duration(*state.until - now) +
      ". This test is one login more: do not repeat it before the secret or the account has changed.");
}

/// What to do now, and the command for it.
std::string next_of(const CommonOptions& options, const UpstreamSettings& upstream, const ProbeRun& run,
                    const std::optional<LiveUpstream>& state) {
  const std::string name = printable(upstream.name);
  if (run.no_secret) return "store the secret; next: " + next_command(options, "credential set " + name);
  if (const ProbeStep* failed = run.failure()) return probe_advice(upstream, *failed);
  if (state && state->state != "ok")
    return name + " works; the daemon still leaves it alone (" + printable(state->state) +
           "); next: " + next_command(options, "upstream resume " + name);
  return name + " works; next: " + next_command(options, "send-test ADDRESS --upstream " + name);
}

std::optional<LiveUpstream> state_of(const Settings& settings, const std::string& name, WallTime now) {
  const auto states = upstream_states(settings, now);
  const LiveUpstream* found = states ? find_state(*states, name) : nullptr;
  return found == nullptr ? std::nullopt : std::optional(*found);
}

int test_upstream(const CommonOptions& options, const Settings& settings, const UpstreamSettings& upstream) {
  const WallTime now = SystemClock().wall();
  const auto state = state_of(settings, upstream.name, now);
  const bool as_text = options.output == Output::Text;
  if (state && login_cools_down(*state)) warn_of_login(upstream, *state, now);
  if (as_text) print(heading(upstream));
  ProbeRequest request{upstream, settings.hostname};
  const ProbeRun run = run_probe(
      std::move(request), as_text ? print_step : [](const ProbeStep&) {});
  const std::string problem = run.no_secret ? run.no_secret->text : "";
  const std::string next = next_of(options, upstream, run, state);
  if (!as_text) print(encode_probe({upstream, run.steps, problem, next}) + "\n");
  if (as_text && !problem.empty()) say("mailchute: no login was tried: " + problem);
  if (as_text) say(next);
  return finish(run.good() ? 0 : kSaidNo);
}

}  // namespace

int command_upstream_test(const CommonOptions& options, const std::string& name) {
  const auto settings = command_settings(options);
  if (!settings) return complain(options, settings.error());
  const auto upstream = find_upstream(*settings, name);
  if (upstream) return test_upstream(options, *settings, *upstream);
  return complain(options, Error(upstream.error().text + "; next: " + next_command(options, "upstream list"),
                                 upstream.error().code));
}

}  // namespace mailchute
