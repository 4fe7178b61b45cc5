#include "control/presence.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "base/exit_codes.h"

namespace mailchute {

namespace {

std::string name_beside(const std::string& control_path) { return control_path + ".pid"; }

struct flock whole_file(short type) {
  struct flock lock {};
  lock.l_type = type;
  lock.l_whence = SEEK_SET;
  return lock;
}

tl::unexpected<Error> cannot(const std::string& path) {
  return fail("cannot write " + path + ": " + std::strerror(errno) +
                  "; without it the commands take the daemon for stopped",
              exit_code::kCannotCreate);
}

/// An open file description's lock goes with its last descriptor alone, and no other one of ours drops it.
bool locked_with_number(int file) {
  struct flock lock = whole_file(F_WRLCK);
  if (::fcntl(file, F_OFD_SETLK, &lock) != 0) return false;
  const std::string number = std::to_string(::getpid()) + "\n";
  return ::fchmod(file, 0644) == 0 &&
         ::write(file, number.data(), number.size()) == static_cast<ssize_t>(number.size());
}

}  // namespace

// Locked before it gets its name: nobody who may read it can have a lock of their own on it by then.
Result<Presence> Presence::announce(const std::string& control_path) {
  const std::string path = name_beside(control_path);
  const std::string fresh = path + ".new";
  ::unlink(fresh.c_str());
  Descriptor file(::open(fresh.c_str(), O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!file) return cannot(path);
  if (!locked_with_number(file.get()) || std::rename(fresh.c_str(), path.c_str()) != 0) {
    auto failure = cannot(path);
    ::unlink(fresh.c_str());
    return failure;
  }
  return Presence(path, std::move(file));
}

Presence::~Presence() {
  if (!path_.empty()) ::unlink(path_.c_str());
}

bool daemon_is_present(const std::string& control_path) {
  // O_NONBLOCK: a FIFO in its place must not hang a command.
  const Descriptor file(
      ::open(name_beside(control_path).c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK));
  if (!file) return false;
  struct flock lock = whole_file(F_RDLCK);
  return ::fcntl(file.get(), F_GETLK, &lock) == 0 && lock.l_type == F_WRLCK;
}

}  // namespace mailchute
