#include "net/timer.h"

#include <algorithm>

#include "base/result.h"

namespace mailchute {

Timer::Timer(Loop& loop) : loop_(loop) {
  CHECK(handle_.open(this, [&](uv_timer_t* handle) { return uv_timer_init(loop_.raw(), handle); }) == 0);
}

// An alarm that is put off again and again, as a conversation's patience is with every line, stays where it
// is among libuv's and is put off once, when it rings.
void Timer::set(Duration after, UniqueFunction<void()> then) {
  then_ = std::move(then);
  // libuv counts from the beginning of the turn; a long turn would make the alarm early.
  uv_update_time(loop_.raw());
  due_ = uv_now(loop_.raw()) + static_cast<std::uint64_t>(std::max<Duration::rep>(after.count(), 0));
  if (uv_is_active(reinterpret_cast<uv_handle_t*>(handle_.get())) == 0 || due_ < rings_) start();
}

void Timer::start() {
  rings_ = due_;
  const auto on_time = [](uv_timer_t* handle) noexcept {
    if (auto* const self = static_cast<Timer*>(handle->data)) self->ring();
  };
  uv_timer_start(handle_.get(), on_time, due_ - uv_now(loop_.raw()), 0);
}

void Timer::ring() {
  if (due_ > uv_now(loop_.raw())) return start();
  // Moved out first: the call may set the alarm anew or destroy it.
  auto due = std::move(then_);
  due();
}

void Timer::clear() {
  uv_timer_stop(handle_.get());
  then_ = nullptr;
}

}  // namespace mailchute
