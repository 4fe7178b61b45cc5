// Names and addresses of machines as people write them, brought to the one spelling the rest of the program
// uses. Pure; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "settings/units.h"

namespace mailchute {

/// Lower case, without a trailing dot, IDN as A-labels (IDNA2008, RFC 5891). Refused: schemes, ports, blanks,
/// addresses.
Fitted<std::string> canonical_domain(std::string_view text);

/// A domain, or an IP address (brackets around IPv6 are dropped).
Fitted<std::string> canonical_host(std::string_view text);

/// A domain, or an address literal in brackets (RFC 5321 4.1.3).
Fitted<std::string> canonical_hostname(std::string_view text);

/// An IP address and a port to listen on.
struct Endpoint {
  std::string address;  ///< Without brackets.
  std::uint16_t port = 0;
};

/// `127.0.0.1:25`, `[::1]:25`; port 0 lets the system choose.
Fitted<Endpoint> parse_endpoint(std::string_view text);

/// True for 127.0.0.0/8 and ::1 only. ::ffff:127.0.0.1 is not: which interface it means is the kernel's
/// choice.
bool is_loopback_address(std::string_view address);

/// The same, or the name `localhost`.
bool is_loopback_host(std::string_view host);

}  // namespace mailchute
