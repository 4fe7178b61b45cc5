// `config show`: the configuration in effect.
#include <cstdio>

#include "base/exit_codes.h"
#include "command/commands.h"
#include "command/console.h"
#include "command/queue_access.h"
#include "control/config_json.h"
#include "settings/effective.h"

namespace mailchute {

namespace {

/// The mistakes alone: `check` tells the rest.
void tell_errors(std::vector<Diagnostic> diagnostics) {
  std::erase_if(diagnostics, [](const Diagnostic& each) { return each.severity != Diagnostic::Error; });
  std::fputs(render(diagnostics).c_str(), stderr);
}

}  // namespace

int command_config_show(const CommonOptions& options, const ConfigShowOptions& show) {
  const LoadOptions load_options = options_of_process(options.config);
  const Loaded loaded = load(load_options);
  if (!loaded.settings) {
    if (const auto closed = closed_to_us(load_options.path)) return complain(options, *closed);
    tell_errors(loaded.diagnostics);
    return complain(options, Error(load_options.path + " cannot be used", exit_code::kConfiguration));
  }
  const auto keys = effective_keys(loaded);
  if (options.output == Output::Text)
    print(effective_yaml(keys, show.origin ? Origins::Shown : Origins::Hidden));
  else
    print(encode_config(loaded.settings->path, keys) + "\n");
  return finish(0);
}

}  // namespace mailchute
