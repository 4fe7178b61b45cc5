// An alarm of the loop. Made by Loop::make_alarm(); loop thread only.
#pragma once

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
  Loop& loop_;
  Handle<uv_timer_t> handle_;
  UniqueFunction<void()> then_;
};

}  // namespace mailchute
