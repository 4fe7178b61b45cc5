// The program: argv to a command. Two signals are ignored first, for the write that they come with fails
// anyway, and what fails is told: a peer that closes while we write (SIGPIPE), and a file that may not grow
// (SIGXFSZ).
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "command/command_line.h"
#include "command/sendmail.h"

namespace {

/// exit() joins libuv's threads, of which one may hang in the system's resolver for a minute and more.
[[noreturn]] void end(int status) {
  std::fflush(nullptr);
  std::_Exit(status);
}

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);
  const std::string called = argc > 0 ? argv[0] : "";
  const std::vector<std::string> words(argv + (argc > 0 ? 1 : 0), argv + argc);
  if (const auto status = mailchute::run_by_name(called, words)) end(*status);
  end(mailchute::run_command_line(argc, argv));
}
