#include "net/address.h"

#include <arpa/inet.h>

#include <algorithm>
#include <cstring>

#include "base/text.h"

namespace mailchute {

namespace {

constexpr std::array<std::uint8_t, 12> kMapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

}  // namespace

std::optional<SocketAddress> SocketAddress::parse(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const auto port = parse_unsigned(text.substr(colon + 1));
  if (!port || *port > 65535) return std::nullopt;

  auto ip = text.substr(0, colon);
  const bool bracketed = ip.size() >= 2 && ip.front() == '[' && ip.back() == ']';
  if (bracketed) ip = ip.substr(1, ip.size() - 2);
  // `::1:25` could be either an address or an address and a port; brackets are required, and for IPv6 only.
  if (bracketed != (ip.find(':') != std::string_view::npos)) return std::nullopt;
  return numeric(std::string(ip), static_cast<std::uint16_t>(*port));
}

std::optional<SocketAddress> SocketAddress::numeric(const std::string& ip, std::uint16_t port) {
  SocketAddress address;
  // inet_pton would stop at a NUL inside.
  if (ip.find('\0') != std::string::npos) return std::nullopt;
  auto& v4 = reinterpret_cast<sockaddr_in&>(address.storage_);
  if (inet_pton(AF_INET, ip.c_str(), &v4.sin_addr) == 1) {
    v4.sin_family = AF_INET;
  } else if (inet_pton(AF_INET6, ip.c_str(), &address.storage_.sin6_addr) == 1) {
    address.storage_.sin6_family = AF_INET6;
  } else {
    return std::nullopt;
  }
  address.storage_.sin6_port = htons(port);
  return address;
}

std::optional<SocketAddress> SocketAddress::from(const sockaddr& raw) {
  SocketAddress address;
  if (raw.sa_family == AF_INET) {
    std::memcpy(&address.storage_, &raw, sizeof(sockaddr_in));
    return address;
  }
  if (raw.sa_family != AF_INET6) return std::nullopt;
  std::memcpy(&address.storage_, &raw, sizeof(sockaddr_in6));
  if (!IN6_IS_ADDR_V4MAPPED(&address.storage_.sin6_addr)) return address;

  SocketAddress unmapped;
  auto& v4 = reinterpret_cast<sockaddr_in&>(unmapped.storage_);
  v4.sin_family = AF_INET;
  v4.sin_port = address.storage_.sin6_port;
  std::memcpy(&v4.sin_addr, address.storage_.sin6_addr.s6_addr + kMapped.size(), sizeof v4.sin_addr);
  return unmapped;
}

socklen_t SocketAddress::size() const {
  return family() == AF_INET ? sizeof(sockaddr_in) : sizeof(sockaddr_in6);
}

std::uint16_t SocketAddress::port() const { return ntohs(storage_.sin6_port); }

std::string SocketAddress::text() const {
  char ip[INET6_ADDRSTRLEN] = "";
  if (family() == AF_INET) {
    inet_ntop(AF_INET, &reinterpret_cast<const sockaddr_in&>(storage_).sin_addr, ip, sizeof ip);
    return std::string(ip) + ':' + std::to_string(port());
  }
  inet_ntop(AF_INET6, &storage_.sin6_addr, ip, sizeof ip);
  return '[' + std::string(ip) + "]:" + std::to_string(port());
}

std::array<std::uint8_t, 16> SocketAddress::bytes() const {
  std::array<std::uint8_t, 16> bytes{};
  if (family() == AF_INET) {
    std::copy(kMapped.begin(), kMapped.end(), bytes.begin());
    std::memcpy(bytes.data() + kMapped.size(), &reinterpret_cast<const sockaddr_in&>(storage_).sin_addr, 4);
  } else {
    std::memcpy(bytes.data(), &storage_.sin6_addr, bytes.size());
  }
  return bytes;
}

bool SocketAddress::any() const {
  const auto all = bytes();
  const auto first = all.begin() + (family() == AF_INET ? kMapped.size() : 0);
  return std::all_of(first, all.end(), [](std::uint8_t byte) { return byte == 0; });
}

bool SocketAddress::loopback() const {
  constexpr std::array<std::uint8_t, 16> kOne = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
  const auto all = bytes();
  return family() == AF_INET ? all[kMapped.size()] == 127 : all == kOne;
}

bool SocketAddress::leads_to(const SocketAddress& listening) const {
  if (family() != listening.family() || port() != listening.port()) return false;
  if (bytes() == listening.bytes()) return true;
  // Who dials the wildcard is connected to loopback.
  return (loopback() && listening.any()) || (any() && listening.loopback());
}

}  // namespace mailchute
