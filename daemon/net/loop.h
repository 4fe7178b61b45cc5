// The event loop: one thread on which everything but the store happens. Knows nothing of mail.
// All of it belongs to the thread that calls run(), except post(), which any thread may call.
#pragma once

#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include <uv.h>

#include "base/clock.h"
#include "base/unique_function.h"
#include "net/handle.h"

namespace mailchute {

/// Every object that lives on a loop must be gone before the loop is; the destructor checks it.
class Loop final : public Alarms {
 public:
  Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;
  /// What was deferred or posted and never ran is destroyed unrun.
  ~Loop() override;

  /// Returns after stop(). An idle loop sleeps in the kernel and wakes for nothing.
  void run();

  /// Ends run() after the current turn.
  void stop();

  /// Runs `then` after the current callback has returned, in the order of the calls; safe for destroying
  /// anything.
  void defer(UniqueFunction<void()> then);

  /// Any thread: runs `then` on the loop thread, in the order of the calls. However many come before the loop
  /// wakes, it is woken once. No thread may post while the loop is being destroyed.
  void post(UniqueFunction<void()> then);

  /// Destroys `object` after the current callback: how an object lets go of what is calling it.
  template <typename T>
  void retire(std::unique_ptr<T> object) {
    if (object) defer([object = std::move(object)] {});
  }

  std::unique_ptr<Alarm> make_alarm() override;

  /// For the folder `net` only.
  uv_loop_t* raw() { return raw_.get(); }

  /// One buffer for the reads of all streams: what a read brings is handed over before the next read begins.
  std::span<char> read_buffer() { return {read_buffer_.get(), read_buffer_bytes_}; }

 private:
  void run_deferred();
  void run_posted();
  void close_handles();

  std::unique_ptr<uv_loop_t> raw_;
  std::unique_ptr<char[]> read_buffer_;
  std::size_t read_buffer_bytes_;
  Handle<uv_check_t> turn_end_;
  Handle<uv_idle_t> turn_wanted_;
  Handle<uv_async_t> wake_;
  std::vector<UniqueFunction<void()>> deferred_;
  std::mutex posted_mutex_;
  std::vector<UniqueFunction<void()>> posted_;  // Guarded by posted_mutex_.
};

}  // namespace mailchute
