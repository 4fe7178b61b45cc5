// Makes a certificate authority and a certificate of its own, in memory: for the sandbox, which plays a
// provider on loopback, and for tests, which need bad ones, too. Not for anything that faces a network. Any
// thread.
#pragma once

#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/secret.h"

namespace mailchute {

/// What the certificate should say. The defaults make one that a client which trusts `ca_pem` accepts.
struct TlsIdentityWish {
  std::vector<std::string> dns_names;     ///< Written as they are, wildcards and NULs included.
  std::vector<std::string> ip_addresses;  ///< `127.0.0.1`, `::1`
  std::string common_name = "mailchute";  ///< Of the subject; proves nothing.
  WallTime not_before{};
  WallTime not_after{};
  enum class Signer { Authority, Itself } signer = Signer::Authority;
  enum class Purpose { Server, Client } purpose = Purpose::Server;
};

/// All in PEM.
struct TlsIdentity {
  std::string ca_pem;     ///< What a client must trust; not set for a self-signed certificate.
  std::string chain_pem;  ///< What a server shows.
  Secret key_pem;
};

/// Keys are P-256 and new each time. Fails on an address that is none, and when the system has no entropy.
Result<TlsIdentity> make_tls_identity(const TlsIdentityWish& wish);

}  // namespace mailchute
