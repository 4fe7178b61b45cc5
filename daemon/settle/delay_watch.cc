#include "settle/delay_watch.h"

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

#include "base/log.h"
#include "base/text.h"
#include "settle/notices.h"

namespace mailchute {

namespace {

/// Late messages looked at in one transaction; most become a notice.
constexpr std::size_t kLateAtOnce = 20;

/// After a disk without space; nobody is in a hurry to hear that mail is late.
constexpr Duration kAgainIn = std::chrono::minutes(1);

/// Mail that falls due within so short a time is looked at together.
constexpr Duration kTogether = std::chrono::seconds(1);

}  // namespace

DelayWatch::DelayWatch(Queue& queue, const Clock& clock, Alarms& alarms, MessageIds& ids,
                       const SettleOptions& options)
    : queue_(queue),
      clock_(clock),
      ids_(ids),
      options_(options),
      watch_(moment(clock), options.delay_notice),
      alarm_(alarms.make_alarm()) {}

void DelayWatch::start() {
  watch_ = ClockWatch(moment(clock_), options_.delay_notice);
  look_in(Duration::zero());
}

void DelayWatch::mail_arrived() { look_in(options_.delay_notice + kTogether); }

void DelayWatch::reconfigure() {
  watch_.set_lifetime(options_.delay_notice);
  look_at_.reset();
  look_in(Duration::zero());
}

void DelayWatch::look_in(Duration after) {
  if (!wanted()) {
    look_at_.reset();
    return alarm_->clear();
  }
  const SteadyTime at = clock_.steady() + after;
  if (look_at_ && *look_at_ <= at) return;
  look_at_ = at;
  set_alarm();
}

void DelayWatch::set_alarm() {
  if (!look_at_ || asking_) return;
  alarm_->set(*look_at_ - clock_.steady(), lifeline_.bind([this] { look(); }));
}

// A calendar that jumps forward makes no mail late.
void DelayWatch::look() {
  const Moment now = moment(clock_);
  watch_.observe(now);
  look_at_ = watch_.horizon_moves_at(now);
  const std::optional<WallTime> horizon = watch_.expiry_horizon(now);
  if (horizon) return ask(*horizon);
  set_alarm();
}

void DelayWatch::ask(WallTime horizon) {
  asking_ = true;
  std::vector<MessageId> ids;
  for (std::size_t i = 0; i < kLateAtOnce; ++i) ids.push_back(ids_.next());
  WriteLate write = [now = clock_.wall(), options = options_](const LateMessage& late, MessageId id) {
    return delay_notice(late, id, now, options);
  };
  queue_.tell_late(
      horizon - options_.delay_notice, std::move(ids), std::move(write),
      lifeline_.bind([this, horizon](const QueueResult<ToldLate>& told) { answered(horizon, told); }));
}

void DelayWatch::answered(WallTime horizon, const QueueResult<ToldLate>& told) {
  asking_ = false;
  if (!told) {
    if (told.error().kind != QueueFault::Kind::Broken) look_in(kAgainIn);
    return set_alarm();
  }
  for (const ToldLate::Notice& notice : told->notices)
    log::notice_queued(notice.about.text(), notice.id.text(), printable(sender_text(notice.sender)));
  if (told->looked_at >= kLateAtOnce)
    look_in(Duration::zero());
  else if (told->next_received)
    look_in(*told->next_received + options_.delay_notice - horizon + kTogether);
  set_alarm();
}

}  // namespace mailchute
