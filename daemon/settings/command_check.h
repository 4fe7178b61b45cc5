// Looks whether a program that the configuration names can be run. Reads the file system; not on the loop
// thread.
#pragma once

#include <string>

#include "settings/reading.h"
#include "settings/settings.h"

namespace mailchute {

/// Path: a name without a slash may be looked for in PATH. Whole: only a whole path will do, because nobody
/// is there to notice that the wrong one was found.
enum class Lookup { Path, Whole };

/// A warning when `command` cannot be run as it is written; nothing for an empty one.
void check_command(Reading& reading, Where where, const std::string& key, const CommandLine& command,
                   Lookup lookup);

}  // namespace mailchute
