// The dispatcher's other errand: mail whose time is over is claimed a few at a time and given up. What may
// count as "over" when the clock is moved is clock_watch.h's to say.
#include <algorithm>
#include <utility>

#include "schedule/dispatcher.h"
#include "schedule/upstream_record.h"

namespace mailchute {

namespace {

/// An expiry that could not be claimed is tried again after this; nobody is in a hurry to give up mail.
constexpr Duration kExpiryPause = std::chrono::minutes(1);

/// Expired messages taken at once: each becomes a notice.
constexpr std::size_t kExpiredAtOnce = 20;

}  // namespace

void Dispatcher::claim_expired() {
  const Moment now = moment(clock_);
  if (life_ != Life::Running || expiring_ || broken_ || !expiry_check_at_ || *expiry_check_at_ > now.steady)
    return;
  const std::optional<WallTime> horizon = watch_.expiry_horizon(now);
  expiry_check_at_ = watch_.horizon_moves_at(now);
  if (!horizon) return;
  expiring_ = true;
  queue_.claim_expired(*horizon, kExpiredAtOnce,
                       lifeline_.bind([this, horizon = *horizon](QueueResult<Claimed> result) {
                         expired(horizon, std::move(result));
                       }));
}

void Dispatcher::expired(WallTime horizon, QueueResult<Claimed> result) {
  expiring_ = false;
  if (!result) {
    broken_ = broken_ || result.error().kind == QueueFault::Kind::Broken;
    check_expiry_in(kExpiryPause);
    return pump();
  }
  const bool perhaps_more = result->parcels.size() >= kExpiredAtOnce;
  if (perhaps_more)
    check_expiry_in(Duration::zero());
  else if (result->next_due)
    check_expiry_in(std::max<Duration>(*result->next_due - horizon, std::chrono::seconds(1)));
  for (Parcel& parcel : result->parcels) give_up(std::move(parcel));
  pump();
}

void Dispatcher::check_expiry_in(Duration after) {
  const SteadyTime at = clock_.steady() + after;
  expiry_check_at_ = std::min(expiry_check_at_.value_or(at), at);
}

// The next twenty are taken only once these are settled.
void Dispatcher::give_up(Parcel parcel) {
  if (life_ != Life::Running) return queue_.give_back(parcel);
  ++expiring_left_;
  expiring_ = true;
  settling_.expire(std::move(parcel), lifeline_.bind([this] {
    if (--expiring_left_ == 0) expiring_ = false;
    pump();
  }));
}

}  // namespace mailchute
