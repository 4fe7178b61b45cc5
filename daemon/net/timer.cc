#include "net/timer.h"

#include <algorithm>

#include "base/result.h"

namespace mailchute {

Timer::Timer(Loop& loop) : loop_(loop) {
  CHECK(handle_.open(this, [&](uv_timer_t* handle) { return uv_timer_init(loop_.raw(), handle); }) == 0);
}

void Timer::set(Duration after, UniqueFunction<void()> then) {
  then_ = std::move(then);
  const auto on_time = [](uv_timer_t* handle) noexcept {
    auto* const self = static_cast<Timer*>(handle->data);
    if (!self) return;
    // Moved out first: the call may set the alarm anew or destroy it.
    auto due = std::move(self->then_);
    due();
  };
  // libuv counts from the beginning of the turn; a long turn would make the alarm early.
  uv_update_time(loop_.raw());
  uv_timer_start(handle_.get(), on_time,
                 static_cast<std::uint64_t>(std::max<Duration::rep>(after.count(), 0)), 0);
}

void Timer::clear() {
  uv_timer_stop(handle_.get());
  then_ = nullptr;
}

}  // namespace mailchute
