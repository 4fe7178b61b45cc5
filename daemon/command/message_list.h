// Prints messages one by one as they are read: a queue of a million is not held in memory. Main thread.
#pragma once

#include <cstddef>
#include <functional>

#include "base/clock.h"
#include "base/result.h"
#include "command/commands.h"
#include "store/queue.h"
#include "store/reader.h"

namespace mailchute {

/// Gives the number printed; an empty list prints nothing as text, and an empty list as JSON.
Result<std::size_t> print_messages(QueueReader& reader, const Selection& selection, Output output,
                                   WallTime now, const std::function<bool(const SeenMessage&)>& wanted);

}  // namespace mailchute
