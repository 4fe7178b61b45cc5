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
  /// Begins at once. All must outlive it. `history_bodies`: how long content of finished messages is kept.
  RelayChores(SqliteQueue& queue, Alarms& alarms, Notifier& notify, Duration history_bodies);

  /// From now on; what is kept for a shorter time need not wait. After the queue's own reconfigure().
  void keep_content_for(Duration history_bodies);

 private:
  void feed_watchdog();
  void purge();
  Duration purge_pause() const;

  SqliteQueue& queue_;
  Notifier& notify_;
  Duration history_bodies_;
  std::unique_ptr<Alarm> watchdog_;
  std::unique_ptr<Alarm> purge_alarm_;
  Lifeline lifeline_;
};

}  // namespace mailchute
