#include "store/lock.h"
#include "base/exit_codes.h"
#include "store/system.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <array>
#include <charconv>
#include <cstdio>

namespace mailchute {

namespace {

constexpr std::size_t kNoteBytes = 21;  // 20 digits and a line end.

Result<void> check_lock_file(const Descriptor& file, const std::string& path) {
  struct stat facts {};
  if (::fstat(file.get(), &facts) != 0)
    return fail("cannot look at " + path + ": " + errno_text(), exit_code::kInputOutput);
  if (!S_ISREG(facts.st_mode) || facts.st_nlink != 1) {
    return fail("refusing lock file " + path + ": it is not a regular file with one name",
                exit_code::kCannotCreate);
  }
  if (::geteuid() != 0 && facts.st_uid != ::geteuid()) {
    return fail("refusing lock file " + path + ": it belongs to another user", exit_code::kPermission);
  }
  return {};
}

}  // namespace

Result<QueueLock> QueueLock::take(const std::string& path) {
  const std::string name = path + ".lock";
  // O_NONBLOCK: a FIFO put in its place must not hang the start.
  Descriptor file(::open(name.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, 0600));
  if (!file) return fail("cannot open lock file " + name + ": " + errno_text(), exit_code::kCannotCreate);
  TRY_VOID(check_lock_file(file, name));
  if (::flock(file.get(), LOCK_EX | LOCK_NB) != 0) {
    return fail("queue " + path + " is in use by another mailchute process", exit_code::kTryLater);
  }
  return QueueLock(std::move(file));
}

std::int64_t QueueLock::noted_commits() const {
  std::array<char, kNoteBytes> note{};
  const auto got = ::pread(file_.get(), note.data(), note.size(), 0);
  std::int64_t commits = 0;
  if (got > 0) std::from_chars(note.data(), note.data() + got, commits);
  return commits;
}

void QueueLock::note_commits(std::int64_t commits) const {
  std::array<char, kNoteBytes + 1> note{};
  // Fixed width, so that one write replaces the whole of the old note.
  std::snprintf(note.data(), note.size(), "%020lld\n", static_cast<long long>(commits));
  // A note that cannot be written only makes the next start less sure.
  if (::pwrite(file_.get(), note.data(), kNoteBytes, 0) < 0) return;
}

}  // namespace mailchute
