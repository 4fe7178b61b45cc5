#include "net/local_connection.h"

#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

#include <cerrno>
#include <cstring>
#include "base/exit_codes.h"

namespace mailchute {

namespace {

tl::unexpected<Error> not_connected(const std::string& path, int why) {
  if (why == EACCES || why == EPERM) return fail("not allowed to use " + path, exit_code::kPermission);
  if (why == EAGAIN || why == EINTR)
    return fail("the daemon does not answer at " + path, exit_code::kTryLater);
  return fail(
      "the daemon is not running (" + path + ": " + std::strerror(why) + "); next: systemctl start mailchute",
      exit_code::kNotRunning);
}

}  // namespace

Result<Descriptor> connect_local(const std::string& path, int patience_seconds) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof address.sun_path)
    return fail("no socket can have the path '" + path + "'", exit_code::kConfiguration);
  std::memcpy(address.sun_path, path.data(), path.size());
  Descriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!socket) return not_connected(path, errno);
  const timeval patience{patience_seconds, 0};
  ::setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  ::setsockopt(socket.get(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    return not_connected(path, errno);
  return socket;
}

}  // namespace mailchute
