#include "store/queue_file.h"
#include "base/exit_codes.h"
#include "store/system.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <array>
#include <cstdint>
#include <string_view>

namespace mailchute {

namespace {

/// The file format of SQLite: 100 bytes of header, the application's mark at byte 68, big-endian.
constexpr std::size_t kHeaderBytes = 100;
constexpr std::size_t kApplicationIdAt = 68;
constexpr std::string_view kMagic("SQLite format 3\0", 16);
constexpr char kLog[] = "-wal";

tl::unexpected<Error> refuse(const std::string& path, const std::string& why, int code) {
  return fail("refusing queue " + path + ": " + why + "; the file was left as it is", code);
}

Result<void> check_facts(const std::string& path, const struct stat& facts) {
  if (!S_ISREG(facts.st_mode)) return refuse(path, "it is not a regular file", exit_code::kBadData);
  if (facts.st_nlink != 1) return refuse(path, "it has more than one name (hard link)", exit_code::kBadData);
  if (::geteuid() != 0 && facts.st_uid != ::geteuid())
    return refuse(path, "it belongs to another user", exit_code::kPermission);
  return {};
}

/// SQLite opens these by name when it opens the database. Looked at by name too: whoever may put something
/// into the folder afterwards is the daemon's user, or root.
Result<void> check_neighbours(const std::string& path) {
  for (const char* suffix : {kLog, "-shm", "-journal"}) {
    const std::string neighbour = path + suffix;
    struct stat facts {};
    if (::lstat(neighbour.c_str(), &facts) != 0) {
      if (errno == ENOENT) continue;
      return fail("cannot look at " + neighbour + ": " + errno_text(), exit_code::kInputOutput);
    }
    TRY_VOID(check_facts(neighbour, facts));
  }
  return {};
}

int big_endian(const unsigned char* bytes) {
  return static_cast<int>(static_cast<std::uint32_t>(bytes[0]) << 24 |
                          static_cast<std::uint32_t>(bytes[1]) << 16 |
                          static_cast<std::uint32_t>(bytes[2]) << 8 | bytes[3]);
}

}  // namespace

Result<std::optional<QueueFile>> QueueFile::look(const std::string& path) {
  Descriptor file(::open(path.c_str(), O_RDWR | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (!file && errno == ENOENT) return std::optional<QueueFile>();
  if (!file && errno == ELOOP) return refuse(path, "it is a symbolic link", exit_code::kBadData);
  if (!file) return fail("cannot open queue " + path + ": " + errno_text(), exit_code::kPermission);

  struct stat facts {};
  if (::fstat(file.get(), &facts) != 0)
    return fail("cannot look at " + path + ": " + errno_text(), exit_code::kInputOutput);
  TRY_VOID(check_facts(path, facts));
  TRY_VOID(check_neighbours(path));
  QueueFile found(path, std::move(file), facts.st_dev, facts.st_ino);
  TRY_VOID(found.check_header());
  // The lock file is found by name; this lock by inode, for a file that is mounted under a second name.
  if (::flock(found.file_.get(), LOCK_EX | LOCK_NB) != 0) {
    return fail("queue " + path + " is in use by another mailchute process", exit_code::kTryLater);
  }
  if ((facts.st_mode & 0777) != 0600 && ::fchmod(found.file_.get(), 0600) != 0) {
    return fail("cannot set the mode of queue " + path + ": " + errno_text(), exit_code::kPermission);
  }
  return std::optional<QueueFile>(std::move(found));
}

Result<void> QueueFile::check_header() const {
  std::array<unsigned char, kHeaderBytes> header{};
  const auto got = ::pread(file_.get(), header.data(), header.size(), 0);
  if (got < 0) return fail("cannot read queue " + path_ + ": " + errno_text(), exit_code::kInputOutput);
  // Our own files are never empty under this name: they are filled first and named then.
  if (got == 0) return refuse(path_, "it has 0 bytes, where a queue was", exit_code::kBadData);
  const std::string_view bytes(reinterpret_cast<const char*>(header.data()), static_cast<std::size_t>(got));
  if (bytes.size() < kHeaderBytes || !bytes.starts_with(kMagic)) {
    return refuse(path_, "it is not an SQLite database", exit_code::kBadData);
  }
  if (big_endian(header.data() + kApplicationIdAt) != kApplicationId) {
    return refuse(path_, "it is the database of another program", exit_code::kBadData);
  }
  return {};
}

bool QueueFile::in_place() const {
  struct stat facts {};
  return ::lstat(path_.c_str(), &facts) == 0 && facts.st_dev == device_ && facts.st_ino == inode_ &&
         facts.st_size >= length_;
}

void QueueFile::watch_log() {
  struct stat facts {};
  if (::lstat((path_ + kLog).c_str(), &facts) == 0) log_inode_ = facts.st_ino;
}

QueueFile::Log QueueFile::log(std::int64_t synced_bytes) const {
  if (!log_inode_) return Log::InPlace;
  struct stat facts {};
  if (::lstat((path_ + kLog).c_str(), &facts) != 0 || facts.st_ino != *log_inode_) return Log::Gone;
  return facts.st_size >= synced_bytes ? Log::InPlace : Log::Cut;
}

std::int64_t QueueFile::bytes() const {
  struct stat facts {};
  return ::fstat(file_.get(), &facts) == 0 ? static_cast<std::int64_t>(facts.st_size) : 0;
}

Result<void> make_scratch_file(const std::string& scratch) {
  ::unlink(scratch.c_str());  // Left behind by a start that was cut short.
  const Descriptor file(::open(scratch.c_str(), O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!file) return fail("cannot create " + scratch + ": " + errno_text(), exit_code::kCannotCreate);
  if (::fchmod(file.get(), 0600) != 0)
    return fail("cannot set the mode of " + scratch + ": " + errno_text(), exit_code::kCannotCreate);
  return {};
}

Result<void> publish(const std::string& scratch, const std::string& path) {
  const Descriptor file(::open(scratch.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
  if (!file || ::fsync(file.get()) != 0)
    return fail("cannot sync " + scratch + ": " + errno_text(), exit_code::kInputOutput);
  // link() and not rename(): it never puts one file in the place of another.
  if (::link(scratch.c_str(), path.c_str()) != 0)
    return fail("cannot create " + path + ": " + errno_text(), exit_code::kCannotCreate);
  if (::unlink(scratch.c_str()) != 0)
    return fail("cannot remove " + scratch + ": " + errno_text(), exit_code::kInputOutput);
  const Descriptor folder(::open(folder_of(path).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder || ::fsync(folder.get()) != 0) {
    return fail("cannot sync the folder of " + path + ": " + errno_text(), exit_code::kInputOutput);
  }
  return {};
}

}  // namespace mailchute
