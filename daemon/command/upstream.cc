#include <algorithm>
#include <utility>
#include <vector>

#include "base/text.h"
#include "command/commands.h"
#include "command/console.h"
#include "command/looking.h"
#include "command/moments.h"
#include "command/queue_access.h"
#include "command/turn.h"
#include "command/upstream_states.h"
#include "command/upstream_view.h"
#include "control/json.h"

namespace mailchute {

namespace {

constexpr int kNothing = 1;

// Anything else cannot be the name of an upstream, and has no business in the path of a request.
bool can_be_name(const std::string& name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  });
}

Result<void> change(const Settings& settings, const std::string& operation, const std::string& name) {
  if (!can_be_name(name)) return fail("there is no upstream " + printable(name, 80), kNothing);
  TRY(ask(settings, "POST", "/v1/upstreams/" + name + "/" + operation, ""));
  return {};
}

/// After the sixth refused login of an hour not even the operator brings a seventh.
std::string resumed(const CommonOptions& options, const Settings& settings, const std::string& name) {
  const WallTime now = SystemClock().wall();
  const auto states = upstream_states(settings, now);
  const LiveUpstream* state = states ? find_state(*states, name) : nullptr;
  if (state == nullptr || !login_cools_down(*state) || !state->until)
    return name + " is resumed: it is tried at once with what is due\n";
  return name + " is resumed, but logs in again at " + local_time(*state->until, now) + " at the earliest (" +
         printable(state->reason) + "): never more than six refused logins come about in an hour; next: " +
         next_command(options, "upstream test " + name) + "\n";
}

}  // namespace

int command_upstream_list(const CommonOptions& options) {
  const auto settings = settings_for_looking(options);
  if (!settings) return complain(options, settings.error());
  const WallTime now = SystemClock().wall();
  const auto states = upstream_states(*settings, now);
  if (!states) return complain(options, states.error());
  const int status = states->not_running ? complain(options, *states->not_running) : 0;
  if (options.output == Output::Text)
    print(upstream_table(states->upstreams, now, screen_width(), language_of_process()));
  else
    print(encode_upstreams(states->upstreams) + "\n");
  if (states->upstreams.empty()) say("no upstream is configured; next: " + next_command(options, "check"));
  return finish(status);
}

int command_upstream_change(const CommonOptions& options, const std::string& operation,
                            const std::string& name) {
  const auto settings = settings_for_changing(options);
  if (!settings) return complain(options, settings.error());
  const auto changed = change(*settings, operation, name);
  if (!changed) {
    Error error = changed.error();
    if (error.code == kNothing) error.text += "; next: " + next_command(options, "upstream list");
    return complain(options, error);
  }
  print(operation == "pause"
            ? name + " is paused; its mail waits, or goes another way where its route has one\n"
            : resumed(options, *settings, name));
  if (operation == "resume")
    for (const std::string& each : what_waits_for_its_time(options, *settings, name)) say(each);
  return finish(0);
}

}  // namespace mailchute
