#include "net/system_dialer.h"

#include <utility>

#include "net/dialing.h"

namespace mailchute {

SystemDialer::SystemDialer(Loop& loop) : loop_(loop) {}

SystemDialer::~SystemDialer() = default;

std::unique_ptr<Dialing> SystemDialer::dial(
    const std::string& host, std::uint16_t port, Duration patience,
    UniqueFunction<void(tl::expected<std::unique_ptr<Stream>, DialFault>)> then) {
  return std::make_unique<SystemDialing>(loop_, host, port, patience, std::move(then));
}

Result<std::unique_ptr<Stream>> SystemDialer::secure(std::unique_ptr<Stream>, const TlsDemand& demand) {
  return fail("cannot speak TLS with " + demand.host + ": no roots are loaded");
}

}  // namespace mailchute
