#include <optional>
#include <utility>

#include "base/exit_codes.h"
#include "command/commands.h"
#include "command/console.h"
#include "command/queue_access.h"
#include "command/status_view.h"
#include "command/upstream_view.h"
#include "command/wrap.h"
#include "control/json.h"

namespace mailchute {

namespace {

/// What came of the gathering beside the report: the exit status of the first thing that could not be had.
struct Gathered {
  StatusReport report;
  int status = 0;
};

Result<LiveStatus> ask_live(const Settings& settings) {
  return decode_live_status(TRY(ask_if_running(settings, "GET", "/v1/status", "")));
}

/// The queue's own part, and while no daemon runs the upstreams as the queue remembers them.
Result<void> read_queue(const Settings& settings, StatusReport& report) {
  auto reader = TRY(open_reader(settings));
  report.queue = TRY(reader.summary(report.now));
  if (report.live) return {};
  report.upstreams = saved_upstreams(settings, TRY(reader.upstreams()), report.now);
  return {};
}

void note_failure(const CommonOptions& options, const Error& error, int& status) {
  const int code = complain(options, error);
  if (status == 0) status = code;
}

Gathered gather(const CommonOptions& options, const Settings& settings) {
  Gathered gathered;
  StatusReport& report = gathered.report;
  report.now = SystemClock().wall();
  report.version = MAILCHUTE_VERSION;
  report.config_path = settings.path;
  report.upstreams = saved_upstreams(settings, {}, report.now);
  auto live = ask_live(settings);
  if (live) {
    report.upstreams = live->upstreams;
    report.live = std::move(*live);
  } else {
    note_failure(options, live.error(), gathered.status);
  }
  const auto read = read_queue(settings, report);
  // Before the daemon has run for the first time there is no queue: one word about it is enough.
  if (!read && !(gathered.status == exit_code::kNotRunning && read.error().code == exit_code::kNoInput))
    note_failure(options, read.error(), gathered.status);
  return gathered;
}

void print_screen(const CommonOptions& options, const StatusReport& report) {
  print(status_screen(report, screen_width(), language_of_process()));
  const auto advice = status_advice(report);
  if (!advice.empty()) print("\n");
  for (const Advice& each : advice)
    print(wrapped("", next_step(each.why, next_command(options, each.command)).in(language_of_process()), 2,
                  screen_width()));
}

}  // namespace

int command_status(const CommonOptions& options) {
  const auto settings = command_settings(options);
  if (!settings) return complain(options, settings.error());
  const Gathered gathered = gather(options, *settings);
  if (options.output == Output::Text)
    print_screen(options, gathered.report);
  else
    print(encode_status(gathered.report) + "\n");
  return finish(gathered.status);
}

}  // namespace mailchute
