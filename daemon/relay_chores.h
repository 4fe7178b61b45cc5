// What the daemon does again and again beside mail: it feeds systemd's watchdog, and makes the queue forget
// what its history need not keep any longer. Loop thread only.
#pragma once

#include <memory>

#include "base/clock.h"
#include "base/lifeline.h"
#include "net/notify.h"
#include "store/sqlite_queue.h"

namespace mailchute {

class RelayChores {
 public:
  /// Begins at once. All must outlive it.
  RelayChores(SqliteQueue& queue, Alarms& alarms, Notifier& notify);

 private:
  void feed_watchdog();
  void purge();

  SqliteQueue& queue_;
  Notifier& notify_;
  std::unique_ptr<Alarm> watchdog_;
  std::unique_ptr<Alarm> purge_alarm_;
  Lifeline lifeline_;
};

}  // namespace mailchute
