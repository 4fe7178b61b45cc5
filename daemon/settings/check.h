// The rules that hold between keys: a single value may be fine and the whole still make no sense. Looks at
// files that are named there; any thread.
#pragma once

#include "settings/reading.h"
#include "settings/settings.h"

namespace mailchute {

/// Reports everything about `settings` that does not go together.
void check_settings(Reading& reading, const Settings& settings);

}  // namespace mailchute
