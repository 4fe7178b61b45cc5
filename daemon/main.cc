// The program: argv to a command. SIGPIPE is ignored first: a peer that closes while we write must not end
// the daemon.
#include <csignal>

#include "command/command_line.h"

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  return mailchute::run_command_line(argc, argv);
}
