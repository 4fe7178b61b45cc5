// Watches a descriptor that another library or we ourselves read from. Loop thread only.
#pragma once

#include <uv.h>

#include "base/unique_function.h"
#include "net/handle.h"
#include "net/loop.h"

namespace mailchute {

/// Calls `on_readable` in each turn in which `fd` has something to read, until paused. The descriptor stays
/// the caller's and must stay open as long as the Poll lives; regular files cannot be watched. Not to be
/// destroyed by its own callback.
class Poll {
 public:
  Poll(Loop& loop, int fd, UniqueFunction<void()> on_readable);

  void pause();
  void resume();

 private:
  Handle<uv_poll_t> handle_;
  UniqueFunction<void()> on_readable_;
};

}  // namespace mailchute
