#include <sys/stat.h>

#include <cstdint>

#include "base/exit_codes.h"
#include "base/text.h"
#include "command/commands.h"
#include "command/console.h"
#include "command/looking.h"
#include "command/progress.h"
#include "command/queue_access.h"
#include "command/words.h"
#include "control/json.h"

namespace mailchute {

namespace {

constexpr mode_t kForOurselves = 0077;

std::uint64_t size_of(const std::string& path) {
  struct stat facts {};
  return ::stat(path.c_str(), &facts) == 0 ? static_cast<std::uint64_t>(facts.st_size) : 0;
}

Result<BackupFacts> back_up(const Settings& settings, const std::string& file) {
  auto reader = TRY(open_reader(settings));
  // The copy is for whoever asked for it; the queue's owner may not even be able to write there.
  TRY_VOID(act_as_oneself());
  ::umask(kForOurselves);
  const std::string whole = short_size(size_of(settings.queue.path));
  const Interruptible interruptible;
  Progress progress;
  return reader.backup(file, [&](std::uint64_t bytes) {
    progress.show("copied " + short_size(bytes) + " of " + whole + " or less");
    return Interruptible::interrupted() ? Database::Work::Stop : Database::Work::GoOn;
  });
}

std::string told(const BackupFacts& facts, const std::string& file) {
  return printable(file, 4096) + ": " + counted(static_cast<std::uint64_t>(facts.messages), "message") +
         " waiting, " + std::to_string(facts.finished) + " of the history, " + short_size(facts.bytes) +
         "; read again from end to end and whole\n";
}

}  // namespace

int command_backup(const CommonOptions& options, const std::string& file) {
  const auto settings = settings_for_looking(options);
  if (!settings) return complain(options, settings.error());
  const auto facts = back_up(*settings, file);
  if (!facts) {
    Error error = facts.error();
    if (error.code == exit_code::kCannotCreate)
      error.text += "; next: " + next_command(options, "backup") + " with another FILE";
    return complain(options, error);
  }
  print(options.output == Output::Text ? told(*facts, file) : encode_backup(file, *facts) + "\n");
  return finish(0);
}

}  // namespace mailchute
