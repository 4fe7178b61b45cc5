// Work that may wait (a small file to read), done away from the loop. Shares libuv's few threads with name
// lookups, so nothing long.
#pragma once

#include "base/result.h"
#include "base/unique_function.h"
#include "net/loop.h"

namespace mailchute {

/// Makes libuv's threads. Once, at the start: libuv itself would make them at the first need, and end the
/// process when the system gives none; this fails instead.
Result<void> start_aside(Loop& loop);

/// Runs `job` on a thread of libuv's, then `then` on the loop thread, never from inside the call. Both are
/// destroyed on the loop thread. The loop must outlive the job.
void run_aside(Loop& loop, UniqueFunction<void()> job, UniqueFunction<void()> then);

}  // namespace mailchute
