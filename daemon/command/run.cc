#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <utility>

#include "base/log.h"
#include "command/commands.h"
#include "relay.h"
#include "relay_options.h"
#include "settings/load.h"

namespace mailchute {

namespace {

/// A descriptor below 3 that is closed would be given to the database, and the next line on standard error
/// would be written into it.
void open_standard_descriptors() {
  for (int descriptor = 0; descriptor <= 2; ++descriptor)
    if (::fcntl(descriptor, F_GETFD) == -1 && ::open("/dev/null", O_RDWR) != descriptor)
      ::_exit(71);  // EX_OSERR
}

/// Secrets in memory must not reach a core file or a tracer of the same user; files that we make are for us
/// alone.
void harden_process() {
  const rlimit no_core{0, 0};
  ::setrlimit(RLIMIT_CORE, &no_core);
  ::prctl(PR_SET_DUMPABLE, 0);
  ::umask(0077);
}

/// A thousand clients and their deliveries need more than the traditional 1024 descriptors.
void raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == limit.rlim_max) return;
  limit.rlim_cur = std::min<rlim_t>(limit.rlim_max, 65536);
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace

int command_run(const CommonOptions& options) {
  open_standard_descriptors();
  harden_process();
  raise_descriptor_limit();
  LoadOptions load_options = options_of_process(options.config);
  Loaded loaded = load(load_options);
  if (!loaded.settings) {
    std::fputs(render(loaded.diagnostics).c_str(), stderr);
    std::fprintf(stderr, "mailchute: not started; next: mailchute check --config %s\n",
                 load_options.path.c_str());
    return 78;
  }
  const auto& log_settings = loaded.settings->log;
  log::configure(log_level(log_settings.level), log_format(log_settings.format));
  auto relay = Relay::build(std::move(loaded), std::move(load_options));
  if (!relay) {
    std::fprintf(stderr, "mailchute: not started: %s\n", relay.error().text.c_str());
    return relay.error().code;
  }
  return (*relay)->run();
}

}  // namespace mailchute
