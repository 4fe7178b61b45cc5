#include "relay_chores.h"

namespace mailchute {

namespace {

constexpr Duration kPurgePause = std::chrono::hours(1);
/// Mail does not wait for a long history to go.
constexpr Duration kPurgeStep{1000};

}  // namespace

RelayChores::RelayChores(SqliteQueue& queue, Alarms& alarms, Notifier& notify)
    : queue_(queue), notify_(notify), watchdog_(alarms.make_alarm()), purge_alarm_(alarms.make_alarm()) {
  feed_watchdog();
  purge();
}

// Fed only when the loop turns and the store's thread has answered: a hung disk must not look healthy.
void RelayChores::feed_watchdog() {
  const auto interval = notify_.watchdog_patience();
  if (!interval) return;
  queue_.ping(lifeline_.bind([this] { notify_.watchdog(); }));
  watchdog_->set(*interval / 2, lifeline_.bind([this] { feed_watchdog(); }));
}

void RelayChores::purge() {
  queue_.purge(lifeline_.bind([this](const QueueResult<SqliteQueue::Purged>& purged) {
    const bool more = purged && *purged == SqliteQueue::Purged::MoreWaits;
    purge_alarm_->set(more ? kPurgeStep : kPurgePause, lifeline_.bind([this] { purge(); }));
  }));
}

}  // namespace mailchute
