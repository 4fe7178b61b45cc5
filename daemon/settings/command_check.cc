#include "settings/command_check.h"

#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"

namespace mailchute {

namespace {

bool is_program(const std::string& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode) && ::access(path.c_str(), X_OK) == 0;
}

}  // namespace

void check_command(Reading& reading, Where where, const std::string& key, const CommandLine& command,
                   Lookup lookup) {
  if (command.empty()) return;
  const std::string& program = command.front();
  const std::string shown = printable(program, 200);
  if (program.starts_with('/')) {
    if (!is_program(program))
      reading.report.warning(where, key + ": " + shown + " is not there, or cannot be executed",
                             "it is tried anyway, each time it is wanted");
  } else if (lookup == Lookup::Whole || program.find('/') != std::string::npos) {
    reading.report.warning(where, key + ": " + shown + " is no whole path",
                           "write it from the root on; programs are run in /");
  }
}

}  // namespace mailchute
