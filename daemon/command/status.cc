#include <sys/statvfs.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>

#include "base/exit_codes.h"
#include "command/commands.h"
#include "command/console.h"
#include "command/looking.h"
#include "command/queue_access.h"
#include "command/status_view.h"
#include "command/upstream_view.h"
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

Gathered gather(const CommonOptions& options, const Settings& settings, const Result<LiveStatus>& live) {
  Gathered gathered;
  StatusReport& report = gathered.report;
  report.now = SystemClock().wall();
  report.version = MAILCHUTE_VERSION;
  report.config_path = settings.path;
  report.upstreams = saved_upstreams(settings, {}, report.now);
  if (live) {
    report.upstreams = live->upstreams;
    report.live = *live;
  } else {
    note_failure(options, live.error(), gathered.status);
  }
  const auto read = read_queue(settings, report);
  // Before the daemon has run for the first time there is no queue: one word about it is enough.
  if (!read && !(gathered.status == exit_code::kNotRunning && read.error().code == exit_code::kNoInput))
    note_failure(options, read.error(), gathered.status);
  return gathered;
}

DiskRoom room_for(const Settings& settings) {
  const std::string& path = settings.queue.path;
  struct statvfs facts {};
  DiskRoom room{path.substr(0, std::max<std::size_t>(1, path.rfind('/'))), 0, settings.queue.reserve};
  if (::statvfs(room.folder.c_str(), &facts) == 0)
    room.free = static_cast<std::uint64_t>(facts.f_bavail) * facts.f_frsize;
  return room;
}

void print_screen(const CommonOptions& options, const Settings& settings, const StatusReport& report) {
  print(status_screen(report, screen_width(), language_of_process()));
  const auto advice = status_advice(report, room_for(settings));
  if (!advice.empty()) print("\n");
  for (const Advice& each : advice)
    print(advice_lines("", each.why, each.command.empty() ? "" : next_command(options, each.command), 2,
                       screen_width(), language_of_process()));
}

}  // namespace

int command_status(const CommonOptions& options) {
  const auto settings = settings_for_looking(options);
  if (!settings) return complain(options, settings.error());
  const auto live = ask_live(*settings);
  // Of a daemon that may not be asked nothing true can be said.
  if (!live && live.error().code == exit_code::kPermission) return complain(options, live.error());
  const Gathered gathered = gather(options, *settings, live);
  if (options.output == Output::Text)
    print_screen(options, *settings, gathered.report);
  else
    print(encode_status(gathered.report) + "\n");
  return finish(gathered.status);
}

}  // namespace mailchute
