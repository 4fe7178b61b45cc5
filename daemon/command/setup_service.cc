#include "command/setup_service.h"

#include <sys/stat.h>
#include <unistd.h>

#include <optional>
#include <utility>

#include "base/exit_codes.h"
#include "command/console.h"
#include "command/queue_access.h"
#include "control/json.h"
#include "net/loop.h"
#include "net/process.h"
#include "settings/places.h"

namespace mailchute {

namespace {

/// The first start makes the queue and its ballast.
constexpr Duration kStartPatience{90'000};

}  // namespace

Result<void> reload_daemon(const Settings& settings) {
  const std::string answer = TRY(ask(settings, "POST", "/v1/reload", ""));
  const ReloadOutcome outcome = TRY(decode_reload(answer));
  if (outcome.accepted) return {};
  say(outcome.text);
  return fail("the daemon refuses the new configuration and keeps the old one", exit_code::kConfiguration);
}

bool service_can_start(const Settings& settings) {
  struct stat facts {};
  // sd_booted(3).
  const bool booted = ::lstat("/run/systemd/system", &facts) == 0 && S_ISDIR(facts.st_mode);
  return booted && ::geteuid() == 0 && settings.path == Places{}.configuration;
}

Result<void> start_service() {
  Loop loop;
  SystemProcesses processes(loop);
  ProcessJob job;
  job.command = {"systemctl",
                 "enable",
                 "--now",
                 "mailchute.socket",
                 "mailchute-submit.socket",
                 "mailchute-control.socket",
                 "mailchute.service"};
  job.patience = kStartPatience;
  std::optional<Result<ProcessEnd>> ended;
  processes.run(std::move(job), [&](Result<ProcessEnd> end) {
    ended = std::move(end);
    loop.stop();
  });
  loop.run();
  if (!*ended) return tl::unexpected(ended->error());
  if ((*ended)->good()) return {};
  return fail("systemctl: " + describe(**ended) + "; next: journalctl -u mailchute -n 50");
}

}  // namespace mailchute
