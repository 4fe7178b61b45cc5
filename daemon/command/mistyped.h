// A command that does not exist, or was left out: what was probably meant. Pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "command/command_shape.h"

namespace mailchute {

/// `words` stand behind the program's name. Empty when they begin with a command that there is; else an error
/// with code 64 that names the nearest, or all of them where nothing was typed.
std::optional<Error> mistyped_command(const CommandShape& program, const std::vector<std::string>& words);

}  // namespace mailchute
