// Sends a test message through the whole path and follows it: for `send-test` and `setup`. Main thread;
// waits.
#pragma once

#include "command/commands.h"
#include "settings/settings.h"

namespace mailchute {

/// Says what happens as it happens; gives the exit status: 0 delivered, 1 failed, 75 still waiting, else that
/// of what went wrong before.
int send_test(const CommonOptions& options, const Settings& settings, const SendTestOptions& send);

}  // namespace mailchute
