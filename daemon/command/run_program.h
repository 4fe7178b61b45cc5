// Runs a small program of the system's for a check, and waits for it. For commands, not for the daemon: it
// turns a loop of its own. Main thread.
#pragma once

#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "net/process.h"

namespace mailchute {

/// What it printed is kept up to 64 KiB. An Error when it cannot be run.
Result<ProcessEnd> run_program(std::vector<std::string> command, Duration patience);

}  // namespace mailchute
