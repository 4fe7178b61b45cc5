#include "command/setup_service.h"

#include <sys/stat.h>
#include <unistd.h>

#include <string>
#include <utility>
#include <vector>

#include "base/exit_codes.h"
#include "command/console.h"
#include "command/doctor_words.h"
#include "command/looking.h"
#include "command/process_facts.h"
#include "command/queue_access.h"
#include "command/run_program.h"
#include "control/json.h"
#include "settings/places.h"

namespace mailchute {

namespace {

constexpr std::uint16_t kPort = 25;  // of mailchute.socket, as it ships
constexpr Duration kAnswerPatience{10'000};
/// The first start makes the queue and its ballast.
constexpr Duration kStartPatience{90'000};

bool unit_is_there() {
  const auto shown =
      run_program({"systemctl", "show", "--property", "LoadState", kServiceUnit}, kAnswerPatience);
  return shown && shown->good() && parse_properties(shown->output)["LoadState"] == "loaded";
}

Result<void> systemctl(std::vector<std::string> words) {
  words.insert(words.begin(), "systemctl");
  const ProcessEnd end = TRY(run_program(std::move(words), kStartPatience));
  if (end.good()) return {};
  return fail("systemctl: " + describe(end) + "; next: journalctl -u mailchute -n 50");
}

/// Nothing of ours is enabled then: at the next boot the two would run for the port.
tl::unexpected<Error> port_is_taken() {
  const auto holder = listener_at(kPort);
  if (!holder)
    return fail(
        "the service is not started: its port cannot be opened; next: systemctl status mailchute.socket",
        exit_code::kCannotCreate);
  return fail(
      "the service is not started: port 25 is taken by " + holder_in_words(*holder) +
          "; next: stop that program (apt install mailchute-mta takes the place of another mail server), "
          "then: mailchute setup, again",
      exit_code::kCannotCreate);
}

}  // namespace

Result<void> reload_daemon(const Settings& settings) {
  if (read_by_the_daemon_instead(settings))
    return fail("the daemon that runs has another configuration", exit_code::kNotRunning);
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
  return booted && ::geteuid() == 0 && settings.path == Places{}.configuration && unit_is_there();
}

// The port comes first, alone: it is what another program may have.
Result<void> start_service() {
  if (!systemctl({"start", "mailchute.socket"})) return port_is_taken();
  std::vector<std::string> words = {"enable", "--now"};
  words.insert(words.end(), kServiceUnits.begin(), kServiceUnits.end());
  return systemctl(std::move(words));
}

}  // namespace mailchute
