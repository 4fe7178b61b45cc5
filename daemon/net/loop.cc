#include "net/loop.h"

#include "base/limits.h"
#include "base/result.h"
#include "net/timer.h"

namespace mailchute {

namespace {

void count_open(uv_handle_t* handle, void* count) noexcept {
  if (!uv_is_closing(handle)) ++*static_cast<int*>(count);
}

void run_all(std::vector<UniqueFunction<void()>>& batch) {
  for (auto& waiting : batch) {
    // Each is destroyed right after its run: a retired object must not wait for its neighbours.
    const auto then = std::make_unique<UniqueFunction<void()>>(std::move(waiting));
    (*then)();
  }
}

}  // namespace

Loop::Loop()
    : raw_(std::make_unique<uv_loop_t>()),
      read_buffer_(std::make_unique_for_overwrite<char[]>(limits::kReadBytes)),
      read_buffer_bytes_(limits::kReadBytes) {
  CHECK(uv_loop_init(raw_.get()) == 0);
  CHECK(turn_end_.open(this, [&](uv_check_t* handle) { return uv_check_init(raw(), handle); }) == 0);
  CHECK(turn_wanted_.open(this, [&](uv_idle_t* handle) { return uv_idle_init(raw(), handle); }) == 0);
  const auto on_wake = [](uv_async_t* handle) noexcept {
    if (handle->data) static_cast<Loop*>(handle->data)->run_posted();
  };
  CHECK(wake_.open(this, [&](uv_async_t* handle) { return uv_async_init(raw(), handle, on_wake); }) == 0);
  uv_check_start(turn_end_.get(), [](uv_check_t* handle) noexcept {
    if (handle->data) static_cast<Loop*>(handle->data)->run_deferred();
  });
}

Loop::~Loop() {
  // The functions may own objects of the loop, whose end may defer more.
  while (!deferred_.empty() || !posted_.empty()) {
    const auto unrun = std::exchange(deferred_, {});
    const auto unheard = std::exchange(posted_, {});
  }
  close_handles();
  // A name lookup that hangs in the system's resolver cannot be interrupted and still owns a request of this
  // loop. Its memory is left to the end of the process rather than making the end of the process wait for it.
  if (uv_loop_close(raw()) != 0) raw_.release();
}

void Loop::run() { uv_run(raw(), UV_RUN_DEFAULT); }

void Loop::stop() { uv_stop(raw()); }

void Loop::defer(UniqueFunction<void()> then) {
  // An active idle handle keeps the coming poll from sleeping; the check handle runs right after that poll.
  if (deferred_.empty() && turn_wanted_) uv_idle_start(turn_wanted_.get(), [](uv_idle_t*) noexcept {});
  deferred_.push_back(std::move(then));
}

void Loop::post(UniqueFunction<void()> then) {
  bool first = false;
  {
    const std::lock_guard lock(posted_mutex_);
    first = posted_.empty();
    posted_.push_back(std::move(then));
  }
  if (first) uv_async_send(wake_.get());
}

std::unique_ptr<Alarm> Loop::make_alarm() { return std::make_unique<Timer>(*this); }

void Loop::run_deferred() {
  if (deferred_.empty()) return;
  auto batch = std::exchange(deferred_, {});
  uv_idle_stop(turn_wanted_.get());
  run_all(batch);
  if (!deferred_.empty()) return;
  // Give the empty vector's memory back for the next turn.
  batch.clear();
  deferred_.swap(batch);
}

void Loop::run_posted() {
  std::vector<UniqueFunction<void()>> batch;
  {
    const std::lock_guard lock(posted_mutex_);
    batch.swap(posted_);
  }
  run_all(batch);
}

void Loop::close_handles() {
  wake_.close();
  turn_wanted_.close();
  turn_end_.close();
  int open = 0;
  uv_walk(raw(), count_open, &open);
  CHECK(open == 0);  // An object of this loop outlives it.
  // Close callbacks run at the end of a turn; cancelled lookups report at its beginning. Neither needs a
  // third.
  for (int turn = 0; turn < 3; ++turn) uv_run(raw(), UV_RUN_NOWAIT);
}

}  // namespace mailchute
