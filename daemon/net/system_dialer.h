// The Dialer of the real world: the system's resolver, TCP and OpenSSL. Loop thread only.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "net/address.h"
#include "net/dialer.h"
#include "net/loop.h"
#include "net/tls_roots.h"

namespace mailchute {

class SystemDialer final : public Dialer {
 public:
  explicit SystemDialer(Loop& loop);
  ~SystemDialer() override;

  std::unique_ptr<Dialing> dial(
      const std::string& host, std::uint16_t port, Duration patience,
      UniqueFunction<void(tl::expected<std::unique_ptr<Stream>, DialFault>)> then) override;

  /// Where this process listens: an upstream that leads there is a mistake, and is not dialed.
  void listening_at(SocketAddress own) { own_.push_back(own); }

  Result<std::unique_ptr<Stream>> secure(std::unique_ptr<Stream> plain, const TlsDemand& demand) override;

  /// Reads the roots now rather than at the first secure() (`ca_file` empty: the system's), at start and at
  /// reload, so that a mistake is found early and the loop reads no file later. An error leaves what was
  /// loaded before in force.
  Result<void> load_roots(const std::string& ca_file) { return roots_.reload(ca_file); }

 private:
  Loop& loop_;
  TlsRoots roots_;
  std::vector<SocketAddress> own_;
};

}  // namespace mailchute
