// What TCP and unix streams have in common: bytes in and out of a libuv stream handle. Not made by itself:
// see tcp_stream.h and pipe_stream.h. Loop thread only.
#pragma once

#include <string>

#include <uv.h>

#include "base/lifeline.h"
#include "net/loop.h"
#include "net/stream.h"

namespace mailchute {

/// After a clean on_end (the peer has sent its FIN but may still listen) write() still sends; nothing is
/// reported any more. After a failed one, and after finish(), bytes are dropped. finish() undoes pause():
/// only a read can see the peer's FIN.
class UvStream : public Stream {
 public:
  void start(StreamUser& user) override;
  void write(std::string bytes) override;
  std::size_t pending_bytes() const override;
  void pause() override;
  void resume() override;
  void finish() override;
  std::string peer() const override { return peer_; }

 protected:
  UvStream(Loop& loop, std::string peer) : loop_(loop), peer_(std::move(peer)) {}

  /// To be called once by the owner of the handle, before anything else.
  void attach(uv_stream_t* raw);

 private:
  void read_on();
  void read_off();
  void on_read(ssize_t count, const uv_buf_t* buffer);
  void send(std::string bytes);
  void queue(std::string bytes, std::size_t from);
  void on_written(int status);
  void write_failed(int error);
  void shut_down_now();
  void shut_down_after_writes();
  void end(const StreamEnd& end);

  Loop& loop_;
  uv_stream_t* raw_ = nullptr;
  StreamUser* user_ = nullptr;
  std::string peer_;
  std::string
      waiting_;  // Written while an earlier write was with libuv: becomes one write when that is done.
  int write_error_ = 0;
  enum class Reading { Off, On } reading_ = Reading::Off;
  bool paused_ = false;
  bool finishing_ = false;
  bool ended_ = false;
  Lifeline lifeline_;
};

}  // namespace mailchute
