// Waits until something in the queue may have changed, without asking it again and again: the kernel tells
// who writes in its folder. Changes nothing. Main thread; waits.
#pragma once

#include <string>

#include "base/clock.h"
#include "base/descriptor.h"

namespace mailchute {

class QueueChanges {
 public:
  /// Of the queue at `path`. Needs the right to read its folder; without it wait() is a short pause.
  explicit QueueChanges(const std::string& path);

  /// Returns soon after a change that came since the last call, at the latest after `most`; some changes are
  /// none that the caller is after, and on some file systems none is told, so that it looks again then, too.
  void wait(Duration most);

 private:
  void forget();

  Descriptor events_;
};

}  // namespace mailchute
