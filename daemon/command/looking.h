// Where the commands look that change nothing, when the configuration says it and when it cannot be used: a
// file with a mistake in it stops no daemon that runs, so it must not hide one either. What could be read of
// the file counts, and the default places for the rest. Main thread; waits.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/phrase.h"
#include "base/result.h"
#include "command/commands.h"
#include "settings/load.h"

namespace mailchute {

struct Look {
  Settings settings;
  std::optional<Phrase> broken;  ///< What is wrong with the file, and what goes on all the same.
};

/// Fails with code 78 when the file cannot be used and neither a daemon nor a queue is where it would be, 77
/// when the file is not for us to read or we may not ask the daemon.
Result<Look> look_for_daemon(const CommonOptions& options);

/// The same; what is wrong with the file has been said then.
Result<Settings> settings_for_looking(const CommonOptions& options);

/// On standard error, with what to type next.
void say_broken(const CommonOptions& options, const Phrase& broken);

/// The same as settings_for_looking() for who changes something: fails with code 78 as well where a file that
/// cannot be used leaves no daemon to ask, for a queue that was only guessed is not written to.
Result<Settings> settings_for_changing(const CommonOptions& options);

/// The configuration that the running daemon reads, where that is another file than the one at hand: what is
/// written there does not reach it. Empty where none runs, or it does not tell.
std::optional<std::string> read_by_the_daemon_instead(const Settings& settings);

/// The place and the first mistake: `line 3: a tab ...`; the file's name too where it is another than `path`.
std::string first_mistake(const std::vector<Diagnostic>& diagnostics, const std::string& path);

/// There is no file, or nothing is wrong with it but that it has no upstream.
bool nothing_configured(const Loaded& loaded);

/// `not configured yet`, with code 78.
Error not_configured(const CommonOptions& options);

}  // namespace mailchute
