#include "command/sendmail_modes.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <optional>

#include "base/exit_codes.h"
#include "base/text.h"
#include "command/commands.h"
#include "command/console.h"
#include "command/queue_access.h"
#include "command/typed_address.h"
#include "control/json.h"
#include "settings/aliases.h"
#include "settings/load.h"

namespace mailchute {

namespace {

constexpr int kNothing = 1;

/// An ordinary user without a configuration of their own means the system's, and that is not theirs to read,
/// or not there: whatever the file says, it is root's business.
std::optional<Error> not_for_us(const std::string& flag) {
  const std::string path = options_of_process("").path;
  if (::geteuid() == 0 || ::access(path.c_str(), R_OK) == 0) return std::nullopt;
  return Error("you cannot read " + path + ": " + std::strerror(errno) + "; next, as root: sendmail " + flag,
               exit_code::kPermission);
}

/// Errors all; of the rest what is said of the aliases.
void show_mistakes(const Loaded& loaded) {
  std::vector<Diagnostic> shown = loaded.diagnostics;
  const std::string file = loaded.settings ? loaded.settings->aliases_file : "";
  std::erase_if(shown, [&](const Diagnostic& each) {
    const bool aliases = !file.empty() && each.file == file;
    return each.severity != Diagnostic::Error && !aliases;
  });
  std::fputs(render(shown).c_str(), stderr);
}

/// Aliases are part of the configuration, which the daemon reads when it is told to. It is none of our
/// business whether one runs.
int tell_daemon(const Settings& settings) {
  const auto answer = ask_if_running(settings, "POST", "/v1/reload", "");
  const auto told = answer ? decode_reload(*answer) : Result<ReloadOutcome>(tl::unexpected(answer.error()));
  if (told && !told->accepted) return complain({}, Error(told->text, exit_code::kConfiguration));
  if (told || told.error().code == exit_code::kNotRunning) return 0;
  if (told.error().code == exit_code::kPermission) {
    say("newaliases: the daemon goes by the old ones until it is reloaded; next: mailchute reload, as root");
    return 0;
  }
  return complain({}, told.error());
}

/// `root: ops@example.com, admin@example.com`
Result<std::string> way_of(const std::string& word, const Aliases& aliases, std::size_t most) {
  std::string text;
  for (const Mailbox& mailbox : TRY(typed_recipients(word))) {
    text += printable(mailbox.text()) + ":";
    const auto targets = TRY(aliases.resolve(mailbox, most));
    for (std::size_t at = 0; at < targets.size(); ++at)
      text += (at == 0 ? " " : ", ") + printable(targets[at].text());
    text += "\n";
  }
  return text;
}

}  // namespace

int check_aliases() {
  if (const auto closed = not_for_us("-bi")) return complain({}, *closed);
  const Loaded loaded = load(options_of_process(""));
  show_mistakes(loaded);
  if (!loaded.settings) {
    say("newaliases: mend what is said above; next: mailchute check");
    return exit_code::kConfiguration;
  }
  const Settings& settings = *loaded.settings;
  const std::size_t names = settings.alias_table.size();
  const std::string from = settings.aliases_file.empty() ? "" : settings.aliases_file + ": ";
  print(from + (names == 1 ? "1 alias" : std::to_string(names) + " aliases") + "\n");
  return finish(tell_daemon(settings));
}

int show_way(const std::vector<std::string>& recipients) {
  if (recipients.empty()) {
    say("sendmail: which addresses? next: sendmail -bv root");
    return exit_code::kUsage;
  }
  if (const auto closed = not_for_us("-bv")) return complain({}, *closed);
  const auto settings = command_settings({});
  if (!settings) return complain({}, settings.error());
  const Aliases aliases = aliases_of(*settings);
  int status = 0;
  for (const std::string& word : recipients) {
    const auto way = way_of(word, aliases, settings->limits.recipients);
    if (way)
      print(*way);
    else
      say("sendmail: " + way.error().text);
    if (!way) status = way.error().code;
  }
  return finish(status);
}

int try_now(const SendmailRequest& request) {
  if (const auto closed = not_for_us("-q")) return complain({}, *closed);
  QueueChangeOptions change;
  change.operation = "retry";
  change.yes = true;
  if (!request.queue_id.empty()) change.filters.ids = {request.queue_id};
  if (!request.queue_recipient.empty()) change.filters.to = "*" + request.queue_recipient + "*";
  if (!request.queue_sender.empty()) change.filters.from = "*" + request.queue_sender + "*";
  change.all = request.queue_id.empty() && request.queue_recipient.empty() && request.queue_sender.empty();
  const int status = command_queue_change({}, change);
  return status == kNothing ? 0 : status;
}

}  // namespace mailchute
