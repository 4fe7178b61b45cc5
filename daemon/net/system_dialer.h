// The Dialer of the real world: the system's resolver, TCP and OpenSSL. Loop thread only.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "net/dialer.h"
#include "net/loop.h"

namespace mailchute {

class SystemDialer final : public Dialer {
 public:
  explicit SystemDialer(Loop& loop);
  ~SystemDialer() override;

  std::unique_ptr<Dialing> dial(
      const std::string& host, std::uint16_t port, Duration patience,
      UniqueFunction<void(tl::expected<std::unique_ptr<Stream>, DialFault>)> then) override;

  Result<std::unique_ptr<Stream>> secure(std::unique_ptr<Stream> plain, const TlsDemand& demand) override;

 private:
  Loop& loop_;
};

}  // namespace mailchute
