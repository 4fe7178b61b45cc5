#include <cstdint>
#include <utility>
#include <vector>

#include "command/commands.h"
#include "command/console.h"
#include "command/looking.h"
#include "command/message_list.h"
#include "command/moments.h"
#include "command/queue_access.h"
#include "command/selection.h"

namespace mailchute {

namespace {

constexpr int kNothing = 1;

Result<std::size_t> list(const CommonOptions& options, const QueueFilters& filters,
                         const Settings& settings) {
  const WallTime now = SystemClock().wall();
  Selection selection = TRY(to_selection(filters, now));
  // Who asks for a day asks what became of its mail.
  if (selection.state.empty() && !filters.day.empty()) selection.state = "any";
  auto reader = TRY(open_reader(settings));
  return print_messages(reader, selection, options.output, now, [](const SeenMessage&) { return true; });
}

std::string date_of(WallTime time) { return local_time(time, WallTime{}).substr(0, 10); }

/// Which day was meant, and how far back anything is known.
std::string nothing_matched(const QueueFilters& filters, const Settings& settings, WallTime now) {
  const auto day = filters.day.empty() ? Result<Day>(fail("")) : day_of(filters.day, now);
  if (!day) return "nothing matched";
  return "nothing of " + date_of(day->begins) + " matched; the record of finished mail goes back to " +
         date_of(now - settings.queue.history) + " (queue.history)";
}

}  // namespace

int command_queue_list(const CommonOptions& options, const QueueFilters& filters) {
  const auto settings = settings_for_looking(options);
  if (!settings) return complain(options, settings.error());
  say_if_stopped(*settings);
  const auto listed = list(options, filters, *settings);
  if (!listed) return complain(options, listed.error());
  if (*listed > 0) return finish(0);
  if (!has_filter(filters)) {
    say("the queue is empty");
    return finish(0);
  }
  say(nothing_matched(filters, *settings, SystemClock().wall()) +
      "; next: " + next_command(options, "queue list"));
  return finish(kNothing);
}

}  // namespace mailchute
