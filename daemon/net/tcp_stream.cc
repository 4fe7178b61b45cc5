#include "net/tcp_stream.h"

#include <utility>

namespace mailchute {

namespace {

/// Seconds of silence before the system asks whether the peer is still there.
constexpr unsigned kKeepaliveSeconds = 60;

}  // namespace

Result<std::unique_ptr<TcpStream>> TcpStream::accepted(Loop& loop, Descriptor connection, std::string peer) {
  Handle<uv_tcp_t> handle;
  int status = handle.open(nullptr, [&](uv_tcp_t* raw) { return uv_tcp_init(loop.raw(), raw); });
  if (status == 0) status = uv_tcp_open(handle.get(), connection.get());
  if (status != 0) return fail("cannot take the connection of " + peer + ": " + uv_strerror(status));
  static_cast<void>(connection.release());
  return std::unique_ptr<TcpStream>(new TcpStream(loop, std::move(handle), std::move(peer)));
}

std::unique_ptr<TcpStream> TcpStream::dialed(Loop& loop, Handle<uv_tcp_t> connection, std::string peer) {
  uv_tcp_nodelay(connection.get(), 1);
  uv_tcp_keepalive(connection.get(), 1, kKeepaliveSeconds);
  return std::unique_ptr<TcpStream>(new TcpStream(loop, std::move(connection), std::move(peer)));
}

TcpStream::TcpStream(Loop& loop, Handle<uv_tcp_t> handle, std::string peer)
    : UvStream(loop, std::move(peer)), handle_(std::move(handle)) {
  attach(reinterpret_cast<uv_stream_t*>(handle_.get()));
}

}  // namespace mailchute
