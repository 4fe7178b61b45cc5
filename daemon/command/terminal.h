// Asks a person at the terminal: a line, or a secret that is not shown. Whatever ends it, a signal included,
// the terminal is left as it was found. Main thread.
#pragma once

#include <string>

#include "base/result.h"
#include "base/secret.h"

namespace mailchute {

/// What was typed, without blanks at its ends; empty for a bare Enter. Fails with code 66 when nobody is
/// there to ask, or who was asked has gone (end of input).
Result<std::string> ask_line(const std::string& prompt);

/// The line as it was typed, not echoed. What was typed ahead of the question is thrown away.
Result<Secret> ask_secret(const std::string& prompt);

}  // namespace mailchute
