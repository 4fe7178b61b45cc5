#include "command/greeting.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "base/descriptor.h"
#include "base/exit_codes.h"

namespace mailchute {

namespace {

constexpr std::size_t kLineBytes = 512;

/// What is left until then.
class Patience {
 public:
  explicit Patience(Duration whole) : end_(SystemClock().steady() + whole) {}
  int left() const {
    return static_cast<int>(std::max<Duration::rep>(0, (end_ - SystemClock().steady()).count()));
  }

 private:
  SteadyTime end_;
};

tl::unexpected<Error> refused(const std::string& text, int why) {
  const bool missing = why == EADDRNOTAVAIL || why == ENETUNREACH || why == EAFNOSUPPORT;
  return fail(text + ": " + std::strerror(why), missing ? exit_code::kNoSuchAddress : exit_code::kNotRunning);
}

Result<void> wait_for(int socket, short what, const Patience& patience, const std::string& text) {
  pollfd ready{socket, what, 0};
  if (::poll(&ready, 1, patience.left()) == 1) return {};
  return fail(text + ": no answer in time", exit_code::kTryLater);
}

Result<Descriptor> connect_to(const SocketAddress& address, const Patience& patience) {
  Descriptor socket(::socket(address.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket) return refused(address.text(), errno);
  if (::connect(socket.get(), address.raw(), address.size()) == 0) return socket;
  if (errno != EINPROGRESS) return refused(address.text(), errno);
  TRY_VOID(wait_for(socket.get(), POLLOUT, patience, address.text()));
  int fault = 0;
  socklen_t size = sizeof fault;
  if (::getsockopt(socket.get(), SOL_SOCKET, SO_ERROR, &fault, &size) != 0) fault = errno;
  if (fault != 0) return refused(address.text(), fault);
  return socket;
}

}  // namespace

Result<std::string> greeting_at(const SocketAddress& address, Duration patience) {
  const Patience left(patience);
  const Descriptor socket = TRY(connect_to(address, left));
  std::string line;
  while (line.size() < kLineBytes && line.find('\n') == std::string::npos) {
    TRY_VOID(wait_for(socket.get(), POLLIN, left, address.text()));
    std::array<char, kLineBytes> bytes{};
    const auto got = ::read(socket.get(), bytes.data(), bytes.size());
    if (got < 0 && errno == EAGAIN) continue;
    if (got <= 0) break;
    line.append(bytes.data(), static_cast<std::size_t>(got));
  }
  // A server that is spoken to before it has greeted would take us for a stranger.
  constexpr std::string_view kGoodbye = "QUIT\r\n";
  (void)::send(socket.get(), kGoodbye.data(), kGoodbye.size(), MSG_NOSIGNAL);
  line.resize(std::min(line.size(), line.find_first_of("\r\n")));
  return line;
}

bool is_our_greeting(const std::string& greeting) { return greeting.ends_with(" ESMTP mailchute"); }

}  // namespace mailchute
