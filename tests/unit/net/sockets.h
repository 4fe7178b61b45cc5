// Plain blocking and raw sockets for the other end of a test.
#pragma once

#include <fcntl.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>

#include "base/descriptor.h"
#include "net/address.h"

namespace mailchute {

/// Connects to 127.0.0.1 or ::1; loopback answers at once.
inline Descriptor connect_to(const std::string& ip, std::uint16_t port) {
  const auto address = SocketAddress::numeric(ip, port);
  Descriptor fd(socket(address->family(), SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (connect(fd.get(), address->raw(), address->size()) != 0) return Descriptor();
  return fd;
}

/// A stream socket bound and listening on a free loopback port.
inline Descriptor listening_socket(std::uint16_t& port, const std::string& ip = "127.0.0.1") {
  const auto address = SocketAddress::numeric(ip, 0);
  Descriptor fd(socket(address->family(), SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (bind(fd.get(), address->raw(), address->size()) != 0 || listen(fd.get(), 16) != 0) return Descriptor();
  sockaddr_storage bound{};
  socklen_t size = sizeof bound;
  getsockname(fd.get(), reinterpret_cast<sockaddr*>(&bound), &size);
  port = SocketAddress::from(reinterpret_cast<const sockaddr&>(bound))->port();
  return fd;
}

/// A loopback port on which nobody listens: it was free a moment ago.
inline std::uint16_t unused_port() {
  std::uint16_t port = 0;
  listening_socket(port);
  return port;
}

/// Everything that can be read now; empty at the end or when nothing is there.
inline std::string read_now(const Descriptor& fd) {
  std::string all;
  char buffer[65536];
  for (;;) {
    const auto count = recv(fd.get(), buffer, sizeof buffer, MSG_DONTWAIT);
    if (count <= 0) return all;
    all.append(buffer, static_cast<std::size_t>(count));
  }
}

inline bool at_end(const Descriptor& fd) {
  char byte;
  return recv(fd.get(), &byte, 1, MSG_DONTWAIT | MSG_PEEK) == 0;
}

}  // namespace mailchute
