// An address and port of TCP, IPv4 or IPv6, as a value. Any thread.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace mailchute {

class SocketAddress {
 public:
  /// `127.0.0.1:25` or `[::1]:25`; no names, no missing port.
  static std::optional<SocketAddress> parse(std::string_view text);

  /// `ip` without brackets: `127.0.0.1`, `::1`.
  static std::optional<SocketAddress> numeric(const std::string& ip, std::uint16_t port);

  /// What the system gave. An IPv4 address mapped into IPv6 (`::ffff:192.0.2.1`) becomes IPv4, so that one
  /// peer has one name. Empty for other families.
  static std::optional<SocketAddress> from(const sockaddr& raw);

  const sockaddr* raw() const { return reinterpret_cast<const sockaddr*>(&storage_); }
  socklen_t size() const;
  int family() const { return storage_.sin6_family; }
  std::uint16_t port() const;

  /// `127.0.0.1:25` or `[::1]:25`.
  std::string text() const;

  /// The IPv6 form; IPv4 is mapped.
  std::array<std::uint8_t, 16> bytes() const;

  /// The wildcard: `0.0.0.0` or `::`.
  bool any() const;

  /// 127.0.0.0/8 or ::1: nobody but this machine has it.
  bool loopback() const;

  /// Who dials this comes to whoever listens at `listening`. Of a listening wildcard only loopback is known
  /// to be this machine's.
  bool leads_to(const SocketAddress& listening) const;

 private:
  sockaddr_in6 storage_{};  // Large enough for sockaddr_in, whose family and port lie in the same place.
};

}  // namespace mailchute
