// A stream over TCP. Loop thread only.
#pragma once

#include <memory>
#include <string>

#include <uv.h>

#include "base/descriptor.h"
#include "base/result.h"
#include "net/handle.h"
#include "net/loop.h"
#include "net/uv_stream.h"

namespace mailchute {

/// Small writes leave at once (TCP_NODELAY): waiting for an acknowledgement costs 40 ms for each reply.
class TcpStream final : public UvStream {
 public:
  /// A connection that a listener accepted. Its listening socket had TCP_NODELAY set, which Linux passes on.
  static Result<std::unique_ptr<TcpStream>> accepted(Loop& loop, Descriptor connection, std::string peer);

  /// A connection that we made; the system will notice when its peer has vanished (SO_KEEPALIVE).
  static std::unique_ptr<TcpStream> dialed(Loop& loop, Handle<uv_tcp_t> connection, std::string peer);

 private:
  TcpStream(Loop& loop, Handle<uv_tcp_t> handle, std::string peer);

  Handle<uv_tcp_t> handle_;
};

}  // namespace mailchute
