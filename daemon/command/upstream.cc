#include <algorithm>
#include <utility>
#include <vector>

#include "base/text.h"
#include "command/commands.h"
#include "command/console.h"
#include "command/queue_access.h"
#include "command/upstream_view.h"
#include "control/json.h"

namespace mailchute {

namespace {

constexpr int kNothing = 1;
constexpr int kNotRunning = 69;

struct Listed {
  std::vector<LiveUpstream> upstreams;
  int status = 0;
};

/// As the queue remembers them; without any memory when there is no queue yet.
Result<std::vector<LiveUpstream>> remembered(const Settings& settings, WallTime now) {
  auto reader = open_reader(settings);
  if (!reader) return saved_upstreams(settings, {}, now);
  return saved_upstreams(settings, TRY(reader->upstreams()), now);
}

Result<Listed> list_upstreams(const CommonOptions& options, const Settings& settings, WallTime now) {
  const auto body = ask(settings, "GET", "/v1/status", "");
  if (body) return Listed{TRY(decode_live_status(*body)).upstreams, 0};
  if (body.error().code != kNotRunning) return tl::unexpected(body.error());
  return Listed{TRY(remembered(settings, now)), complain(options, body.error())};
}

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

}  // namespace

int command_upstream_list(const CommonOptions& options) {
  const auto settings = command_settings(options);
  if (!settings) return complain(options, settings.error());
  const WallTime now = SystemClock().wall();
  const auto listed = list_upstreams(options, *settings, now);
  if (!listed) return complain(options, listed.error());
  if (options.output == Output::Text)
    print(upstream_table(listed->upstreams, now, screen_width()));
  else
    print(encode_upstreams(listed->upstreams) + "\n");
  if (listed->upstreams.empty()) say("no upstream is configured; next: " + next_command(options, "check"));
  return finish(listed->status);
}

int command_upstream_change(const CommonOptions& options, const std::string& operation,
                            const std::string& name) {
  const auto settings = command_settings(options);
  if (!settings) return complain(options, settings.error());
  const auto changed = change(*settings, operation, name);
  if (!changed) {
    Error error = changed.error();
    if (error.code == kNothing) error.text += "; next: " + next_command(options, "upstream list");
    return complain(options, error);
  }
  print(operation == "pause"
            ? name + " is paused; its mail waits, or goes another way where its route has one\n"
            : name + " is resumed; its mail is tried now\n");
  return finish(0);
}

}  // namespace mailchute
