// An alarm of the loop. Made by Loop::make_alarm(); loop thread only.
#pragma once

#include <cstdint>

#include <uv.h>

#include "base/clock.h"
#include "net/handle.h"
#include "net/loop.h"

namespace mailchute {

/// The callback may set, clear or destroy its own alarm.
class Timer final : public Alarm {
 public:
  explicit Timer(Loop& loop);

  void set(Duration after, UniqueFunction<void()> then) override;
  void clear() override;

 private:
  void start();
  void ring();

  Loop& loop_;
  Handle<uv_timer_t> handle_;
  std::uint64_t due_ = 0;    ///< By libuv's clock, as is the next.
  std::uint64_t rings_ = 0;  ///< When libuv comes back; not later than `due_`.
  UniqueFunction<void()> then_;
};

}  // namespace mailchute
