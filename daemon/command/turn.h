// What still stands between mail that was just said to be due and its going out: a daemon that does not run,
// an upstream that is paused or rests, a time of its own. Said after a command that changed something, so
// that nobody waits for what does not come. Main thread; reads the queue.
#pragma once

#include <string>
#include <vector>

#include "command/commands.h"
#include "settings/settings.h"
#include "store/queue.h"

namespace mailchute {

/// One line each, with what to type next; empty when all of it goes out now. Who may not read the queue is
/// told of every upstream that does not work.
std::vector<std::string> what_holds_up(const CommonOptions& options, const Settings& settings,
                                       const Selection& selection);

/// After `upstream resume`: a line where its mail has a time of its own that is still to come.
std::vector<std::string> what_waits_for_its_time(const CommonOptions& options, const Settings& settings,
                                                 const std::string& upstream);

}  // namespace mailchute
