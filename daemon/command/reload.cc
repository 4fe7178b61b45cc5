#include "base/exit_codes.h"
#include "command/commands.h"
#include "command/console.h"
#include "command/queue_access.h"
#include "control/json.h"

namespace mailchute {

namespace {

Result<ReloadOutcome> ask_to_reload(const Settings& settings) {
  return decode_reload(TRY(ask_if_running(settings, "POST", "/v1/reload", "")));
}

}  // namespace

int command_reload(const CommonOptions& options) {
  // Where the daemon listens is said by the same file, and a file that cannot be used would be refused by the
  // daemon too.
  const auto settings = command_settings(options);
  if (!settings) {
    say("not reloaded: a daemon that runs keeps the configuration it has");
    return complain(options, settings.error());
  }
  const auto outcome = ask_to_reload(*settings);
  if (!outcome) return complain(options, outcome.error());
  if (outcome->accepted) {
    print(outcome->text);
    return finish(0);
  }
  say(outcome->text);
  return complain(options, Error("the new configuration is refused, the old one stays in force",
                                 exit_code::kConfiguration));
}

}  // namespace mailchute
