#include "net/listening.h"

#include <fcntl.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstring>
#include <optional>
#include <utility>

#include <uv.h>

#include "base/exit_codes.h"
#include "base/log.h"

namespace mailchute {

namespace {

/// As deep as the system allows (net.core.somaxconn): a burst of apps waits there instead of being refused.
constexpr int kBacklog = 4096;

std::string last_error() { return uv_strerror(uv_translate_sys_error(errno)); }

int code_of(int error) {
  if (error == EADDRNOTAVAIL || error == EAFNOSUPPORT) return exit_code::kNoSuchAddress;
  if (error == EACCES || error == EPERM) return exit_code::kPermission;
  return exit_code::kCannotCreate;
}

tl::unexpected<Error> cannot_listen(const std::string& where) {
  const int code = code_of(errno);
  return fail("cannot listen on " + where + ": " + last_error(), code);
}

void enable(int fd, int level, int option) {
  const int on = 1;
  setsockopt(fd, level, option, &on, sizeof on);
}

Result<sockaddr_un> unix_address(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof address.sun_path) {
    return fail("cannot listen on '" + path + "': a socket's path has 1 to " +
                    std::to_string(sizeof address.sun_path - 1) + " bytes",
                73);
  }
  std::memcpy(address.sun_path, path.data(), path.size());
  return address;
}

const sockaddr* plain(const sockaddr_un& address) { return reinterpret_cast<const sockaddr*>(&address); }

/// Removes a socket on which nobody listens any more; leaves everything else alone and says so.
Result<void> make_way(const std::string& path, const sockaddr_un& address) {
  struct stat found {};
  if (lstat(path.c_str(), &found) != 0) return {};
  if (!S_ISSOCK(found.st_mode))
    return fail("cannot listen on " + path + ": a file that is no socket is there", exit_code::kCannotCreate);
  // Non-blocking, because a listener with a full queue would make us wait; that one is alive, too.
  const Descriptor probe(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!probe) return cannot_listen(path);
  if (connect(probe.get(), plain(address), sizeof address) == 0 || errno != ECONNREFUSED) {
    return fail("cannot listen on " + path + ": another program listens there already",
                exit_code::kCannotCreate);
  }
  if (unlink(path.c_str()) != 0 && errno != ENOENT) return cannot_listen(path);
  return {};
}

Result<int> option(int fd, int name, const char* what) {
  int value = 0;
  socklen_t size = sizeof value;
  if (getsockopt(fd, SOL_SOCKET, name, &value, &size) != 0) {
    return fail("inherited descriptor " + std::to_string(fd) + " cannot be asked for its " + what + ": " +
                    last_error(),
                73);
  }
  return value;
}

}  // namespace

Result<Descriptor> listen_on(const SocketAddress& address) {
  const auto where = address.text();
  Descriptor fd(socket(address.family(), SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd) return cannot_listen(where);
  // A restart must not wait for old connections in TIME_WAIT. Two listeners at once stay impossible on Linux.
  enable(fd.get(), SOL_SOCKET, SO_REUSEADDR);
  if (address.family() == AF_INET6) enable(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY);
  enable(fd.get(), IPPROTO_TCP, TCP_NODELAY);
  if (bind(fd.get(), address.raw(), address.size()) != 0) return cannot_listen(where);
  if (listen(fd.get(), kBacklog) != 0) return cannot_listen(where);
  return fd;
}

Result<std::vector<Descriptor>> listen_on_each(const std::vector<std::string>& addresses) {
  std::vector<Descriptor> sockets;
  std::optional<Error> missing;
  for (const std::string& text : addresses) {
    const auto address = SocketAddress::parse(text);
    if (!address)
      return fail("cannot listen on '" + text + "': write ADDRESS:PORT, as in 127.0.0.1:25 or [::1]:25",
                  exit_code::kConfiguration);
    auto socket = listen_on(*address);
    if (!socket && socket.error().code != exit_code::kNoSuchAddress) return tl::unexpected(socket.error());
    if (socket) {
      sockets.push_back(std::move(*socket));
      continue;
    }
    log::note(log::Level::Warning, "no-such-address", socket.error().text);
    missing = socket.error();
  }
  if (missing && sockets.empty()) return tl::unexpected(*missing);
  return sockets;
}

Result<Descriptor> listen_on_path(const std::string& path, mode_t mode) {
  const auto address = TRY(unix_address(path));
  TRY_VOID(make_way(path, address));
  Descriptor fd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd) return cannot_listen(path);
  // The file is made with the socket's mode: to change it by its name afterwards would follow a link that
  // somebody who owns the folder put there meanwhile. Other threads say the mode of each file they make.
  const mode_t usual = umask(0);
  const bool bound = fchmod(fd.get(), mode) == 0 && bind(fd.get(), plain(address), sizeof address) == 0;
  umask(usual);
  if (!bound) return cannot_listen(path);
  if (listen(fd.get(), kBacklog) != 0) {
    auto failure = cannot_listen(path);
    unlink(path.c_str());
    return failure;
  }
  return fd;
}

Result<int> check_listening(int fd) {
  const auto name = "inherited descriptor " + std::to_string(fd);
  if (fcntl(fd, F_GETFD) < 0) return fail(name + " is not open", exit_code::kCannotCreate);
  const int type = TRY(option(fd, SO_TYPE, "type"));
  if (type != SOCK_STREAM) return fail(name + " is no stream socket", exit_code::kCannotCreate);
  const int family = TRY(option(fd, SO_DOMAIN, "family"));
  if (family != AF_INET && family != AF_INET6 && family != AF_UNIX) {
    return fail(name + " is a socket of neither TCP nor unix", exit_code::kCannotCreate);
  }
  const int listening = TRY(option(fd, SO_ACCEPTCONN, "state"));
  if (listening == 0) return fail(name + " is a socket that does not listen", exit_code::kCannotCreate);
  if (fcntl(fd, F_SETFD, FD_CLOEXEC) != 0 || fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK) != 0) {
    return fail(name + " cannot be prepared: " + last_error(), exit_code::kCannotCreate);
  }
  if (family != AF_UNIX) enable(fd, IPPROTO_TCP, TCP_NODELAY);
  return family;
}

std::string local_name(int fd) {
  sockaddr_storage storage{};
  socklen_t size = sizeof storage;
  if (getsockname(fd, reinterpret_cast<sockaddr*>(&storage), &size) != 0) return {};
  if (const auto address = SocketAddress::from(reinterpret_cast<const sockaddr&>(storage)))
    return address->text();
  if (storage.ss_family != AF_UNIX || size <= offsetof(sockaddr_un, sun_path)) return {};
  const auto& address = reinterpret_cast<const sockaddr_un&>(storage);
  const std::size_t bytes = size - offsetof(sockaddr_un, sun_path);
  // An abstract name begins with NUL and is shown with '@', as the system's tools do.
  if (address.sun_path[0] == '\0') return '@' + std::string(address.sun_path + 1, bytes - 1);
  return std::string(address.sun_path, strnlen(address.sun_path, bytes));
}

}  // namespace mailchute
