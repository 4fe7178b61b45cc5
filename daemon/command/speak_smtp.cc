#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>

#include "base/descriptor.h"
#include "base/exit_codes.h"
#include "command/console.h"
#include "command/sendmail_modes.h"
#include "command/submit_place.h"
#include "net/local_connection.h"

namespace mailchute {

namespace {

constexpr int kConnectSeconds = 60;

/// A pipe that poll(2) calls writable takes this much without a wait (PIPE_BUF).
constexpr std::size_t kPieceBytes = 4096;

/// Bytes on their way from one descriptor to another; a piece is read when the last one has gone.
class Flow {
 public:
  Flow(int from, int to) : from_(from), to_(to) {}

  /// What to ask poll(2) for at either end.
  short wanted_of_source() const { return open_ && piece_.empty() ? POLLIN : short{0}; }
  short wanted_of_target() const { return piece_.empty() ? short{0} : POLLOUT; }

  /// False when the source has ended or either end is broken; nothing flows any more then.
  bool carry(short source_ready, short target_ready) {
    if (source_ready != 0 && piece_.empty()) open_ = open_ && read_piece();
    if (target_ready != 0 && !piece_.empty()) open_ = write_piece() && open_;
    return open_ || !piece_.empty();
  }

 private:
  bool read_piece() {
    char buffer[kPieceBytes];
    const ssize_t got = ::read(from_, buffer, sizeof buffer);
    if (got < 0 && errno == EINTR) return true;
    if (got <= 0) return false;
    piece_.assign(buffer, static_cast<std::size_t>(got));
    return true;
  }

  bool write_piece() {
    const ssize_t written = ::write(to_, piece_.data(), piece_.size());
    if (written < 0 && (errno == EINTR || errno == EAGAIN)) return true;
    if (written <= 0) {
      piece_.clear();
      return false;
    }
    piece_.erase(0, static_cast<std::size_t>(written));
    return true;
  }

  int from_;
  int to_;
  std::string piece_;
  bool open_ = true;
};

/// Of an end that nothing is wanted of poll(2) would tell, again and again, that the other side is gone.
pollfd asked(int fd, int events) { return {events == 0 ? -1 : fd, static_cast<short>(events), 0}; }

/// Until the daemon has said its last word. A caller that ends its input has said its own.
int relay(int socket) {
  Flow up(STDIN_FILENO, socket);
  Flow down(socket, STDOUT_FILENO);
  bool speaking = true;
  for (;;) {
    pollfd ends[] = {asked(STDIN_FILENO, speaking ? up.wanted_of_source() : short{0}),
                     asked(socket, down.wanted_of_source() | up.wanted_of_target()),
                     asked(STDOUT_FILENO, down.wanted_of_target())};
    if (::poll(ends, 3, -1) < 0 && errno != EINTR) return exit_code::kInputOutput;
    const short from_daemon = ends[1].revents & (POLLIN | POLLHUP | POLLERR);
    if (!down.carry(from_daemon, ends[2].revents)) return 0;
    if (speaking && !up.carry(ends[0].revents, ends[1].revents & (POLLOUT | POLLERR))) {
      speaking = false;
      ::shutdown(socket, SHUT_WR);
    }
  }
}

}  // namespace

int speak_smtp() {
  const SubmitPlace place = submit_place();
  const auto socket = connect_local(place.socket, kConnectSeconds);
  if (socket) return relay(socket->get());
  print("421 4.3.0 The mail service is not running; try again later\r\n");
  say("sendmail: " + socket.error().text);
  return finish(exit_code::kTryLater);
}

}  // namespace mailchute
