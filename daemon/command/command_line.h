// The command line: words to a command with its options, and the exit status of sysexits.h. The only user of
// CLI11.
#pragma once

namespace mailchute {

/// Runs the command that argv names; gives the process exit status. Main thread.
int run_command_line(int argc, char** argv);

}  // namespace mailchute
