// The process's signals as events of the loop. Loop thread only.
#pragma once

#include <memory>
#include <vector>

#include <uv.h>

#include "base/unique_function.h"
#include "net/handle.h"
#include "net/loop.h"

namespace mailchute {

/// From the first on() the signal no longer does what it does by default. When this object goes, the defaults
/// return.
class Signals {
 public:
  explicit Signals(Loop& loop) : loop_(loop) {}
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;

  /// Runs `then` on the loop thread each time `signal` (SIGTERM, SIGHUP, ...) has come; several that come at
  /// once may be one call. Not for SIGKILL and SIGSTOP. `then` may not destroy this object.
  void on(int signal, UniqueFunction<void()> then);

 private:
  struct Watch {
    UniqueFunction<void()> then;
    Handle<uv_signal_t> handle;
  };

  Loop& loop_;
  std::vector<std::unique_ptr<Watch>> watches_;
};

}  // namespace mailchute
