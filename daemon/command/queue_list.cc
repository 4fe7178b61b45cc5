#include <cstdint>
#include <utility>
#include <vector>

#include "command/commands.h"
#include "command/console.h"
#include "command/message_list.h"
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

}  // namespace

int command_queue_list(const CommonOptions& options, const QueueFilters& filters) {
  const auto settings = command_settings(options);
  if (!settings) return complain(options, settings.error());
  const auto listed = list(options, filters, *settings);
  if (!listed) return complain(options, listed.error());
  if (*listed > 0) return finish(0);
  if (!has_filter(filters)) {
    say("the queue is empty");
    return finish(0);
  }
  say("nothing matched; next: " + next_command(options, "queue list"));
  return finish(kNothing);
}

}  // namespace mailchute
