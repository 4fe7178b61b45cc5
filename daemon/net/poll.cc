#include "net/poll.h"

#include <utility>

#include "base/result.h"

namespace mailchute {

Poll::Poll(Loop& loop, int fd, UniqueFunction<void()> on_readable) : on_readable_(std::move(on_readable)) {
  CHECK(handle_.open(this, [&](uv_poll_t* raw) { return uv_poll_init(loop.raw(), raw, fd); }) == 0);
  resume();
}

void Poll::pause() { uv_poll_stop(handle_.get()); }

void Poll::resume() {
  // A status below zero is an error of the descriptor; reading it, as the callback does, shows which.
  uv_poll_start(handle_.get(), UV_READABLE, [](uv_poll_t* raw, int, int) noexcept {
    if (auto* const self = static_cast<Poll*>(raw->data)) self->on_readable_();
  });
}

}  // namespace mailchute
