// The seam to the outside for delivery: names to connected, and connected to secured, streams. Loop thread
// only.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/unique_function.h"
#include "mail/reply.h"
#include "net/stream.h"

namespace mailchute {

/// Why no connection came about.
struct DialFault {
  Stage stage = Stage::Connect;  ///< Resolve or Connect.
  std::string text;              ///< Each address with its reason: `192.0.2.1:465: connection refused; ...`.
};

/// Destroying it gives the attempt up; its callback then never runs.
class Dialing {
 public:
  virtual ~Dialing() = default;

  /// For who watches the steps: `told` runs once the name is resolved, before any connection comes about,
  /// with the addresses in the order in which they are tried; it must not destroy the dialing. To be said
  /// right after dial().
  virtual void when_resolved(UniqueFunction<void(const std::vector<std::string>& addresses)> told) = 0;
};

/// What the peer must prove. Verification cannot be switched off (decision 15 of the design).
struct TlsDemand {
  std::string host;         ///< Name for SNI and for the certificate, or an IP address (no SNI then).
  std::string ca_file;      ///< Replaces the system's roots; empty: the system's.
  std::string fingerprint;  ///< `sha256:` + hex of the leaf; narrows the verified chain; empty: any.
};

class Dialer {
 public:
  virtual ~Dialer() = default;

  /// Resolves `host` (a name or an IP address without brackets), tries its addresses, IPv6 and IPv4
  /// interleaved and a quarter of a second apart (RFC 8305 in spirit), all of them within `patience`; the
  /// first connected one wins. `then` never runs inside the call.
  virtual std::unique_ptr<Dialing> dial(
      const std::string& host, std::uint16_t port, Duration patience,
      UniqueFunction<void(tl::expected<std::unique_ptr<Stream>, DialFault>)> then) = 0;

  /// Puts TLS on a connected stream as its client. The handshake runs after start(); its end is on_secured or
  /// on_end. Fails when the roots cannot be loaded.
  virtual Result<std::unique_ptr<Stream>> secure(std::unique_ptr<Stream> plain, const TlsDemand& demand) = 0;
};

}  // namespace mailchute
