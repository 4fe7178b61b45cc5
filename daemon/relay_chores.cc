#include "relay_chores.h"

#include <algorithm>

#include "base/heap.h"
#include "base/program_text.h"

namespace mailchute {

namespace {

constexpr Duration kPurgePause = std::chrono::hours(1);
constexpr Duration kShortPurgePause = std::chrono::minutes(1);
/// Mail does not wait for a long history to go.
constexpr Duration kPurgeStep{1000};

}  // namespace

RelayChores::RelayChores(SqliteQueue& queue, Alarms& alarms, Notifier& notify, Duration history_bodies)
    : queue_(queue),
      notify_(notify),
      history_bodies_(history_bodies),
      watchdog_(alarms.make_alarm()),
      purge_alarm_(alarms.make_alarm()) {
  feed_watchdog();
  purge();
}

void RelayChores::keep_content_for(Duration history_bodies) {
  history_bodies_ = history_bodies;
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
    purge_alarm_->set(more ? kPurgeStep : purge_pause(), lifeline_.bind([this] { purge(); }));
    // What a flood took goes back within the hour.
    if (more) return;
    give_back_free_heap();
    let_go_of_program_text();
  }));
}

// Content that is kept for a short time goes within a quarter of it.
Duration RelayChores::purge_pause() const {
  if (history_bodies_ == Duration::zero()) return kPurgePause;
  return std::clamp(history_bodies_ / 4, kShortPurgePause, kPurgePause);
}

}  // namespace mailchute
