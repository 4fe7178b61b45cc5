#include "command/turn.h"

#include <algorithm>
#include <map>
#include <utility>

#include "base/text.h"
#include "command/console.h"
#include "command/moments.h"
#include "command/queue_access.h"
#include "command/upstream_states.h"
#include "command/upstream_view.h"
#include "command/words.h"
#include "store/route_text.h"

namespace mailchute {

namespace {

/// So many messages are looked at: beyond that "more than" is as good.
constexpr std::size_t kMessagesSeen = 10'000;

bool waits(const SeenRecipient& recipient) {
  return recipient.state == "queued" || recipient.state == "uncertain";
}

/// The first upstream of its route when none of them works; empty when one does.
std::string held_by(const std::string& route, const UpstreamStates& states) {
  std::string first;
  for (const std::string& name : route_upstreams(route)) {
    const LiveUpstream* state = find_state(states, name);
    if (state == nullptr) continue;
    if (state->state == "ok") return "";
    if (first.empty()) first = name;
  }
  return first;
}

/// How many messages wait for which upstream.
using Held = std::map<std::string, std::size_t>;
Held count_held(QueueReader& reader, Selection selection, const UpstreamStates& states) {
  Held held;
  // As they are now: what was released is held no longer.
  selection.state.clear();
  (void)reader.list(selection, kMessagesSeen, [&](const SeenMessage& message) {
    for (const SeenRecipient& recipient : message.recipients) {
      const std::string name = waits(recipient) ? held_by(recipient.route, states) : "";
      if (name.empty()) continue;
      ++held[name];
      return;
    }
  });
  return held;
}

Held all_in_trouble(const UpstreamStates& states) {
  Held held;
  for (const LiveUpstream& each : states.upstreams)
    if (each.state != "ok") held[each.name] = 0;
  return held;
}

std::string held_line(const CommonOptions& options, const LiveUpstream& upstream, std::size_t count,
                      WallTime now) {
  const std::string name = printable(upstream.name);
  const std::string who = count == 0
                              ? "mail for " + name + " waits"
                              : counted(count, "message") + (count == 1 ? " waits" : " wait") + " for it";
  if (upstream.state == "paused")
    return "upstream " + name + " is paused, and " + who +
           "; next: " + next_command(options, "upstream resume " + name);
  const std::string until =
      upstream.until && *upstream.until > now ? " until " + local_time(*upstream.until, now) : "";
  return "upstream " + name + " rests" + until + " (" + state_phrase(upstream).english + "), and " + who +
         "; next: " + next_command(options, "explain " + name);
}

struct Times {
  std::size_t later = 0;
  WallTime first = WallTime::max();
};

void note_time(const SeenMessage& message, WallTime now, Times& times) {
  WallTime own = WallTime::max();
  for (const SeenRecipient& recipient : message.recipients)
    if (waits(recipient)) own = std::min(own, recipient.next_attempt.value_or(WallTime::min()));
  if (own <= now || own == WallTime::max()) return;
  ++times.later;
  times.first = std::min(times.first, own);
}

}  // namespace

std::vector<std::string> what_holds_up(const CommonOptions& options, const Settings& settings,
                                       const Selection& selection) {
  const WallTime now = SystemClock().wall();
  const auto states = upstream_states(settings, now);
  if (!states) return {};
  if (states->not_running)
    return {"the daemon is not running: nothing goes out; next: systemctl start mailchute"};
  auto reader = open_reader(settings);
  const Held held = reader ? count_held(*reader, selection, *states) : all_in_trouble(*states);
  std::vector<std::string> lines;
  for (const auto& [name, count] : held)
    if (const LiveUpstream* upstream = find_state(*states, name))
      lines.push_back(held_line(options, *upstream, count, now));
  return lines;
}

std::vector<std::string> what_waits_for_its_time(const CommonOptions& options, const Settings& settings,
                                                 const std::string& upstream) {
  auto reader = open_reader(settings);
  if (!reader) return {};
  const WallTime now = SystemClock().wall();
  Selection selection;
  selection.upstream = upstream;
  Times times;
  (void)reader->list(selection, kMessagesSeen,
                     [&](const SeenMessage& message) { note_time(message, now, times); });
  if (times.later == 0) return {};
  return {counted(times.later, "message") + (times.later == 1 ? " has" : " have") + " a time of " +
          (times.later == 1 ? "its" : "their") + " own, the first at " + local_time(times.first, now) +
          "; next, to try now what was deferred: " +
          next_command(options, "queue retry --upstream " + printable(upstream))};
}

}  // namespace mailchute
