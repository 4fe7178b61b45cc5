#include "net/uv_stream.h"

#include <sys/socket.h>

#include <memory>
#include <utility>

namespace mailchute {

namespace {

UvStream* owner(const uv_stream_t* raw) { return static_cast<UvStream*>(raw->data); }

/// Bytes on their way; they must outlive the stream, because libuv may still hold them while it closes.
struct WriteRequest {
  uv_write_t raw{};
  std::string bytes;
};

StreamEnd failure(int error) { return {StreamEnd::Kind::Failed, uv_strerror(error), false}; }

}  // namespace

void UvStream::attach(uv_stream_t* raw) {
  raw_ = raw;
  raw_->data = static_cast<UvStream*>(this);
}

void UvStream::start(StreamUser& user) {
  user_ = &user;
  if (!paused_) read_on();
}

void UvStream::write(std::string bytes) {
  if (bytes.empty() || finishing_ || write_error_ != 0) return;
  if (uv_stream_get_write_queue_size(raw_) == 0) return send(std::move(bytes));
  if (waiting_.empty()) {
    waiting_ = std::move(bytes);
  } else {
    waiting_ += bytes;
  }
}

std::size_t UvStream::pending_bytes() const { return uv_stream_get_write_queue_size(raw_) + waiting_.size(); }

void UvStream::pause() {
  paused_ = true;
  read_off();
}

void UvStream::resume() {
  paused_ = false;
  if (user_) read_on();
}

void UvStream::finish() {
  if (finishing_) return;
  finishing_ = true;
  if (!waiting_.empty()) queue(std::exchange(waiting_, {}), 0);
  if (pending_bytes() == 0) {
    shut_down_now();
  } else {
    shut_down_after_writes();
  }
  resume();
}

// libuv would first wait until the socket can be written to.
void UvStream::shut_down_now() {
  uv_os_fd_t socket = -1;
  // A peer that is already gone needs no goodbye.
  if (uv_fileno(reinterpret_cast<uv_handle_t*>(raw_), &socket) == 0)
    static_cast<void>(::shutdown(socket, SHUT_WR));
}

void UvStream::shut_down_after_writes() {
  auto request = std::make_unique<uv_shutdown_t>();
  const auto done = [](uv_shutdown_t* raw, int) noexcept { delete raw; };
  if (uv_shutdown(request.get(), raw_, done) == 0) static_cast<void>(request.release());
}

void UvStream::read_on() {
  if (ended_ || reading_ == Reading::On) return;
  const auto allocate = [](uv_handle_t* handle, std::size_t, uv_buf_t* buffer) noexcept {
    auto* const self = owner(reinterpret_cast<uv_stream_t*>(handle));
    if (!self) return;
    const auto space = self->loop_.read_buffer();
    *buffer = uv_buf_init(space.data(), static_cast<unsigned>(space.size()));
  };
  const auto on_read = [](uv_stream_t* raw, ssize_t count, const uv_buf_t* buffer) noexcept {
    if (auto* const self = owner(raw)) self->on_read(count, buffer);
  };
  const int status = uv_read_start(raw_, allocate, on_read);
  if (status != 0) return write_failed(status);
  reading_ = Reading::On;
}

void UvStream::read_off() {
  if (reading_ == Reading::Off) return;
  uv_read_stop(raw_);
  reading_ = Reading::Off;
}

void UvStream::on_read(ssize_t count, const uv_buf_t* buffer) {
  if (count == 0) return;
  // Nothing may follow a call to the user here: it may have retired or even destroyed this stream.
  if (count > 0) return user_->on_bytes({buffer->base, static_cast<std::size_t>(count)});
  read_off();
  if (count == UV_EOF && write_error_ == 0) return end({StreamEnd::Kind::Clean, "closed by the peer", false});
  if (count == UV_EOF) return end(failure(write_error_));
  write_error_ = static_cast<int>(count);
  end(failure(write_error_));
}

// Most writes fit into the socket's buffer: one system call, and no request to allocate.
void UvStream::send(std::string bytes) {
  uv_buf_t buffer = uv_buf_init(bytes.data(), static_cast<unsigned>(bytes.size()));
  const int taken = uv_try_write(raw_, &buffer, 1);
  if (taken < 0 && taken != UV_EAGAIN) return write_failed(taken);
  const auto from = taken < 0 ? std::size_t{0} : static_cast<std::size_t>(taken);
  if (from < bytes.size()) queue(std::move(bytes), from);
}

void UvStream::queue(std::string bytes, std::size_t from) {
  auto request = std::make_unique<WriteRequest>();
  request->bytes = std::move(bytes);
  request->raw.data = request.get();
  uv_buf_t buffer =
      uv_buf_init(request->bytes.data() + from, static_cast<unsigned>(request->bytes.size() - from));
  const auto done = [](uv_write_t* raw, int status) noexcept {
    const std::unique_ptr<WriteRequest> finished(static_cast<WriteRequest*>(raw->data));
    if (auto* const self = owner(raw->handle)) self->on_written(status);
  };
  const int status = uv_write(&request->raw, raw_, &buffer, 1, done);
  if (status != 0) return write_failed(status);
  static_cast<void>(request.release());
}

void UvStream::on_written(int status) {
  if (status < 0) return write_failed(status);
  if (!waiting_.empty()) send(std::exchange(waiting_, {}));
  if (pending_bytes() == 0 && write_error_ == 0 && user_ && !ended_) user_->on_drained();
}

// A peer that refuses us often says why before it hangs up, and what it said may still lie unread. While we
// read, the read that meets the end of it reports the failure.
void UvStream::write_failed(int error) {
  if (write_error_ != 0) return;
  write_error_ = error;
  waiting_.clear();
  if (reading_ == Reading::On) return;
  loop_.defer(lifeline_.bind([this] {
    if (user_) end(failure(write_error_));
  }));
}

void UvStream::end(const StreamEnd& end) {
  if (std::exchange(ended_, true)) return;
  read_off();
  user_->on_end(end);
}

}  // namespace mailchute
