#include <cstdio>

#include "command/commands.h"
#include "command/console.h"

namespace mailchute {

int command_version(const CommonOptions& options) {
  if (options.output == Output::Text)
    std::printf("mailchute %s\n", MAILCHUTE_VERSION);
  else
    std::printf("{\"schema\":1,\"version\":\"%s\"}\n", MAILCHUTE_VERSION);
  return finish(0);
}

}  // namespace mailchute
