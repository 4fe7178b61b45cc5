// Between the events of the log and its output: no event knows where its line goes, and the output knows no
// event. For base/ alone.
#pragma once

#include <string_view>

#include "base/log_line.h"

namespace mailchute::log {

/// Writes one line, or drops and counts it; nothing below the level of configure(). `event` is a word of
/// ours.
void emit(Level level, std::string_view event, Fields fields);

}  // namespace mailchute::log
