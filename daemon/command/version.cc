#include <cstdio>

#include "command/commands.h"

namespace mailchute {

int command_version(const CommonOptions& options) {
  if (options.output == Output::Text)
    std::printf("mailchute %s\n", MAILCHUTE_VERSION);
  else
    std::printf("{\"schema\":1,\"version\":\"%s\"}\n", MAILCHUTE_VERSION);
  return 0;
}

}  // namespace mailchute
