#include "net/system_dialer.h"

#include <utility>

#include "net/dialing.h"
#include "net/tls_engine.h"
#include "net/tls_stream.h"

namespace mailchute {

SystemDialer::SystemDialer(Loop& loop) : loop_(loop) {}

SystemDialer::~SystemDialer() = default;

std::unique_ptr<Dialing> SystemDialer::dial(
    const std::string& host, std::uint16_t port, Duration patience,
    UniqueFunction<void(tl::expected<std::unique_ptr<Stream>, DialFault>)> then) {
  return std::make_unique<SystemDialing>(loop_, host, port, patience, own_, std::move(then));
}

Result<std::unique_ptr<Stream>> SystemDialer::secure(std::unique_ptr<Stream> plain, const TlsDemand& demand) {
  const TlsClientContext* const context = TRY(roots_.of(demand.ca_file));
  auto engine = TRY(TlsEngine::client(*context, demand));
  return std::make_unique<TlsStream>(loop_, std::move(plain), std::move(engine));
}

}  // namespace mailchute
