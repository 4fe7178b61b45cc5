// `aliases resolve ADDRESS`.
#include "command/commands.h"
#include "command/console.h"
#include "command/destinations.h"
#include "command/queue_access.h"

namespace mailchute {

int command_aliases_resolve(const CommonOptions& options, const AliasesResolveOptions& resolve) {
  const auto settings = command_settings(options);
  if (!settings) return complain(options, settings.error());
  const auto found = destinations_of(*settings, resolve.address, resolve.from);
  if (!found)
    return complain(options, Error(found.error().text + "; next: " + next_command(options, "config show"),
                                   found.error().code));
  print(options.output == Output::Text ? destinations_text(*found) : encode_destinations(*found) + "\n");
  return finish(0);
}

}  // namespace mailchute
