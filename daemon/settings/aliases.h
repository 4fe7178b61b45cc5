// Aliases as they are written: a file in the form of aliases(5), and the map `aliases`, which wins. What they
// mean is mail/aliases.h's business. Reads a file, so not on the loop.
#pragma once

#include "mail/aliases.h"
#include "settings/reading.h"
#include "settings/settings.h"

namespace mailchute {

/// Fills `settings.alias_table` from `aliases_file` and `aliases`. Programs, files and `:include:` as targets
/// are told with their place and left out. In a file that nobody named (the system's own) that is a warning,
/// else an error.
void read_aliases(Reading& reading, Settings& settings);

/// Where mail for this machine's names goes by this configuration. Pure.
Aliases aliases_of(const Settings& settings);

}  // namespace mailchute
