#include <cstdio>

#include "base/exit_codes.h"
#include "command/commands.h"
#include "command/console.h"
#include "command/looking.h"
#include "relay_door.h"
#include "settings/load.h"

namespace mailchute {

int command_check(const CommonOptions& options) {
  LoadOptions load_options = options_of_process(options.config);
  load_options.certificate_check = examine_certificate;
  const Loaded loaded = load(load_options);
  std::fputs(render(loaded.diagnostics).c_str(), loaded.settings ? stdout : stderr);
  if (!loaded.settings && nothing_configured(loaded)) return complain(options, not_configured(options));
  if (!loaded.settings) {
    std::fprintf(stderr, "%s cannot be used; mend what is said above, then: mailchute check --config %s\n",
                 load_options.path.c_str(), load_options.path.c_str());
    return exit_code::kConfiguration;
  }
  std::printf("%s is good: %zu upstream%s\n", load_options.path.c_str(), loaded.settings->upstreams.size(),
              loaded.settings->upstreams.size() == 1 ? "" : "s");
  return finish(0);
}

}  // namespace mailchute
