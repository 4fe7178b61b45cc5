#include "control/client.h"

#include <sys/socket.h>

#include <cerrno>
#include <cstring>

#include "base/descriptor.h"
#include "base/exit_codes.h"
#include "base/text.h"
#include "net/local_connection.h"

namespace mailchute {

namespace {

constexpr std::size_t kAnswerBytes = 64 << 20;

/// An operation on a million messages takes minutes; a daemon that hangs is the watchdog's business.
constexpr int kPatienceSeconds = 600;

Result<Descriptor> connect_to(const std::string& path) {
  auto socket = connect_local(path, kPatienceSeconds);
  if (!socket && socket.error().code == exit_code::kPermission)
    return fail("you may not ask the daemon; next: the same as root or as a member of the group mailchute",
                exit_code::kPermission);
  return socket;
}

Result<void> send_all(int socket, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0)
      return fail(std::string("cannot ask the daemon: ") + std::strerror(errno), exit_code::kInputOutput);
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return {};
}

Result<std::string> receive_all(int socket) {
  std::string answer;
  char buffer[16384];
  for (;;) {
    const ssize_t got = ::recv(socket, buffer, sizeof buffer, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0)
      return fail(std::string("no answer from the daemon: ") + std::strerror(errno), exit_code::kInputOutput);
    if (got == 0) return answer;
    answer.append(buffer, static_cast<std::size_t>(got));
    if (answer.size() > kAnswerBytes)
      return fail("the daemon's answer does not end", exit_code::kInputOutput);
  }
}

Result<HttpAnswer> parse_answer(const std::string& bytes) {
  const auto end = bytes.find("\r\n\r\n");
  // `HTTP/1.0 200 OK`
  if (end == std::string::npos || bytes.compare(0, 5, "HTTP/") != 0 || bytes.size() < 12)
    return fail("the daemon's answer was cut short", exit_code::kInputOutput);
  const auto status = parse_unsigned(std::string_view(bytes).substr(9, 3));
  if (!status) return fail("the daemon's answer is not HTTP", exit_code::kInputOutput);
  return HttpAnswer{static_cast<int>(*status), bytes.substr(end + 4)};
}

}  // namespace

Result<HttpAnswer> ask_daemon(const std::string& socket_path, const std::string& method,
                              const std::string& path, const std::string& body) {
  const Descriptor socket = TRY(connect_to(socket_path));
  TRY_VOID(send_all(socket.get(), method + " " + path + " HTTP/1.0\r\nHost: localhost\r\nContent-Length: " +
                                      std::to_string(body.size()) + "\r\n\r\n" + body));
  const std::string answer = TRY(receive_all(socket.get()));
  return parse_answer(answer);
}

}  // namespace mailchute
