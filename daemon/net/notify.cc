#include "net/notify.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <cstring>

#include "base/text.h"

namespace mailchute {

namespace {

std::string take_variable(const char* name) {
  const char* const value = std::getenv(name);
  std::string text = value ? value : "";
  unsetenv(name);
  return text;
}

std::optional<Duration> patience_of(const std::string& microseconds, const std::string& pid) {
  const auto count = parse_unsigned(microseconds);
  if (!count || *count < 1000) return std::nullopt;
  if (!pid.empty() && parse_unsigned(pid) != static_cast<std::uint64_t>(getpid())) return std::nullopt;
  return Duration(static_cast<Duration::rep>(*count / 1000));
}

}  // namespace

Notifier Notifier::from_environment() {
  Notifier notifier;
  auto address = take_variable("NOTIFY_SOCKET");
  const auto microseconds = take_variable("WATCHDOG_USEC");
  notifier.watchdog_patience_ = patience_of(microseconds, take_variable("WATCHDOG_PID"));
  const bool usable = address.size() > 1 && address.size() < sizeof(sockaddr_un::sun_path) &&
                      (address[0] == '/' || address[0] == '@');
  if (!usable) return notifier;
  if (address[0] == '@') address[0] = '\0';
  notifier.address_ = std::move(address);
  notifier.socket_ = Descriptor(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  return notifier;
}

void Notifier::reloading() {
  // Type=notify-reload takes the reload for begun only when it knows that this came after its signal.
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  const auto microseconds = static_cast<long long>(now.tv_sec) * 1'000'000 + now.tv_nsec / 1000;
  send("RELOADING=1\nMONOTONIC_USEC=" + std::to_string(microseconds));
}

void Notifier::status(std::string_view line) {
  auto text = "STATUS=" + std::string(line);
  std::replace(text.begin(), text.end(), '\n', ' ');  // A new line would be a new assignment.
  send(text);
}

void Notifier::send(std::string_view state) {
  if (!socket_) return;
  sockaddr_un to{};
  to.sun_family = AF_UNIX;
  std::memcpy(to.sun_path, address_.data(), address_.size());
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + address_.size());
  // Nothing depends on it: a socket that is bogus or full changes nothing for us.
  static_cast<void>(sendto(socket_.get(), state.data(), state.size(), MSG_NOSIGNAL | MSG_DONTWAIT,
                           reinterpret_cast<const sockaddr*>(&to), size));
}

}  // namespace mailchute
