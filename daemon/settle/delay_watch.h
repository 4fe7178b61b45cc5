// Tells senders that their mail is late: asks the queue when something could be, and never while nothing is
// queued. What is told, once for ever, is settle/notices.h's and the queue's business. Loop thread only.
#pragma once

#include <memory>
#include <optional>

#include "base/clock.h"
#include "base/lifeline.h"
#include "mail/message_id.h"
#include "schedule/clock_watch.h"
#include "settle/settle_options.h"
#include "store/queue.h"

namespace mailchute {

class DelayWatch {
 public:
  /// All references must outlive it; `options` may change, and reconfigure() is to be called then.
  DelayWatch(Queue& queue, const Clock& clock, Alarms& alarms, MessageIds& ids, const SettleOptions& options);

  /// Mail waits from an earlier run, perhaps. It is tried for a while before anyone is told that it is late
  /// (schedule/clock_watch.h).
  void start();

  /// Mail has come in, or was released: it may be late in time.
  void mail_arrived();

  /// Reload.
  void reconfigure();

 private:
  bool wanted() const { return options_.delay_notice > Duration::zero(); }
  void look_in(Duration after);
  void look();
  void ask(WallTime horizon);
  void answered(WallTime horizon, const QueueResult<ToldLate>& told);
  void set_alarm();

  Queue& queue_;
  const Clock& clock_;
  MessageIds& ids_;
  const SettleOptions& options_;
  ClockWatch watch_;
  std::optional<SteadyTime> look_at_;
  bool asking_ = false;
  std::unique_ptr<Alarm> alarm_;
  Lifeline lifeline_;
};

}  // namespace mailchute
