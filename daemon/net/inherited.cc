#include "net/inherited.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <utility>

#include "base/exit_codes.h"
#include "base/log.h"
#include "base/text.h"
#include "net/listening.h"

namespace mailchute {

namespace {

constexpr int kFirst = 3;            // SD_LISTEN_FDS_START
constexpr std::uint64_t kMost = 64;  // Three names with a few addresses each; more is a mistake.

std::optional<std::string> variable(const char* name) {
  const char* const value = std::getenv(name);
  if (!value) return std::nullopt;
  return std::string(value);
}

std::optional<std::string> take_variable(const char* name) {
  auto text = variable(name);
  unsetenv(name);
  return text;
}

}  // namespace

Result<std::vector<InheritedSocket>> take_inherited() {
  const auto listen_pid = take_variable("LISTEN_PID");
  const auto listen_fds = take_variable("LISTEN_FDS");
  const auto listen_fdnames = take_variable("LISTEN_FDNAMES");
  auto names = TRY(inherited_names(listen_pid, listen_fds, listen_fdnames, getpid()));

  std::vector<InheritedSocket> sockets;
  for (auto& name : names) {
    const int fd = kFirst + static_cast<int>(sockets.size());
    if (fcntl(fd, F_SETFD, FD_CLOEXEC) != 0) {
      return fail("LISTEN_FDS promises descriptor " + std::to_string(fd) + ", which is not open",
                  exit_code::kCannotCreate);
    }
    sockets.push_back({std::move(name), Descriptor(fd)});
  }
  return sockets;
}

Result<void> check_inherited(const std::vector<InheritedSocket>& sockets) {
  for (const auto& [name, socket] : sockets) {
    const bool unix_wanted = name == "submit" || name == "control";
    if (!unix_wanted && name != "smtp") {
      log::note(
          log::Level::Warning, "socket-unused",
          "a socket named " + printable(name, 80) +
              " was passed, and smtp, submit and control are known; next: FileDescriptorName= in its unit");
      continue;
    }
    const int family = TRY(check_listening(socket.get()));
    if ((family == AF_UNIX) != unix_wanted)
      return fail("the socket that was passed as " + name + " is one of " + (unix_wanted ? "TCP" : "unix") +
                      "; next: ListenStream= in its unit",
                  exit_code::kCannotCreate);
  }
  return {};
}

void close_strays() {
  // Variables that make no sense promise nothing; take_inherited() complains of them.
  const auto names =
      inherited_names(variable("LISTEN_PID"), variable("LISTEN_FDS"), variable("LISTEN_FDNAMES"), getpid());
  const unsigned passed = names ? static_cast<unsigned>(names->size()) : 0;
  // A kernel without it leaves them open: no reason not to serve.
  (void)::close_range(kFirst + passed, ~0U, 0);
}

Result<std::vector<std::string>> inherited_names(const std::optional<std::string>& listen_pid,
                                                 const std::optional<std::string>& listen_fds,
                                                 const std::optional<std::string>& listen_fdnames,
                                                 long own_pid) {
  std::vector<std::string> names;
  if (!listen_pid || !listen_fds) return names;
  const auto pid = parse_unsigned(*listen_pid);
  const auto count = parse_unsigned(*listen_fds);
  if (!pid) return fail("LISTEN_PID '" + printable(*listen_pid) + "' is no number", exit_code::kCannotCreate);
  if (*pid != static_cast<std::uint64_t>(own_pid)) return names;
  if (!count || *count > kMost)
    return fail("LISTEN_FDS '" + printable(*listen_fds) + "' is no number up to 64",
                exit_code::kCannotCreate);

  if (!listen_fdnames) {
    names.assign(*count, "unknown");  // What sd_listen_fds_with_names(3) calls them.
    return names;
  }
  if (!listen_fdnames->empty() || *count > 0) {
    for (const auto name : split(*listen_fdnames, ':')) names.emplace_back(name);
  }
  if (names.size() == *count) return names;
  return fail(
      "LISTEN_FDNAMES has " + std::to_string(names.size()) + " names for " + *listen_fds + " descriptors",
      73);
}

}  // namespace mailchute
