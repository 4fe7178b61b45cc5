// The line that `systemctl status` shows: how much mail waits, and what stands in its way. Told when it has
// changed, from what others have looked at anyway: an idle daemon does not wake for it. Loop thread only.
#pragma once

#include <string>
#include <vector>

#include "net/notify.h"
#include "schedule/dispatcher.h"
#include "store/queue.h"
#include "store/upkeep_sql.h"

namespace mailchute {

/// Words for one line. Pure.
std::string status_line(const Backlog& backlog, Admission admission,
                        const std::vector<UpstreamStatus>& upstreams);

class RelayStatus {
 public:
  /// `notifier` must outlive it.
  explicit RelayStatus(Notifier& notifier) : notifier_(notifier) {}

  void tell(std::string line) {
    if (line == told_) return;
    told_ = std::move(line);
    notifier_.status(told_);
  }

 private:
  Notifier& notifier_;
  std::string told_;
};

}  // namespace mailchute
