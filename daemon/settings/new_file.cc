#include "settings/new_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <utility>

#include "base/clock.h"
#include "base/exit_codes.h"

namespace mailchute {

namespace {

/// The failure of a system call, by errno.
tl::unexpected<Error> cannot(const std::string& what, const std::string& path) {
  const int error = errno;
  const bool forbidden = error == EACCES || error == EPERM || error == EROFS;
  const bool disk = error == ENOSPC || error == EDQUOT || error == EIO;
  return fail("cannot " + what + " " + path + ": " + std::strerror(error), forbidden ? exit_code::kPermission
                                                                           : disk    ? exit_code::kInputOutput
                                                                                  : exit_code::kCannotCreate);
}

tl::unexpected<Error> refused(const std::string& path, const std::string& why) {
  return fail("cannot write " + path + ": " + why, exit_code::kCannotCreate);
}

bool ours(uid_t owner) { return owner == 0 || owner == ::geteuid(); }

Result<Descriptor> open_folder(const std::string& path) {
  Descriptor folder(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!folder && (errno == ENOTDIR || errno == ELOOP))
    return refused(path, "it is no folder, or a symbolic link to one");
  if (!folder) return cannot("open the folder", path);
  struct stat facts {};
  if (::fstat(folder.get(), &facts) != 0) return cannot("look at", path);
  if (!ours(facts.st_uid))
    return refused(path, "the folder belongs to somebody else (user " + std::to_string(facts.st_uid) + ")");
  if ((facts.st_mode & S_IWOTH) != 0 && (facts.st_mode & S_ISVTX) == 0)
    return refused(path, "everyone can write into the folder; next: chmod o-w " + path);
  return folder;
}

/// Nothing at all is fine, too.
Result<void> check_old(const Descriptor& folder, const std::string& name, const std::string& path) {
  struct stat facts {};
  if (::fstatat(folder.get(), name.c_str(), &facts, AT_SYMLINK_NOFOLLOW) != 0)
    return errno == ENOENT ? Result<void>{} : cannot("look at", path);
  if (S_ISLNK(facts.st_mode)) return refused(path, "it is a symbolic link; remove it first");
  if (!S_ISREG(facts.st_mode)) return refused(path, "it is no regular file");
  if (!ours(facts.st_uid))
    return refused(path, "it belongs to somebody else (user " + std::to_string(facts.st_uid) + ")");
  if (facts.st_nlink > 1)
    return refused(path, "it has a second name (a hard link), where its content would stay; remove it first");
  return {};
}

std::string temporary_name(const std::string& name) {
  SystemRandom random;
  char digits[17];
  std::snprintf(digits, sizeof digits, "%016llx", static_cast<unsigned long long>(random.next()));
  return "." + name + "." + digits;
}

bool write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::write(fd, bytes.data(), bytes.size());
    if (count < 0 && errno != EINTR) return false;
    if (count > 0) bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

/// The umask has no say, so that what is meant to be readable is.
bool give_access(int fd, const FileAccess& access) {
  const uid_t owner = access.owner.value_or(static_cast<uid_t>(-1));
  const gid_t group = access.group.value_or(static_cast<gid_t>(-1));
  if ((access.owner || access.group) && ::fchown(fd, owner, group) != 0) return false;
  return ::fchmod(fd, access.mode) == 0;
}

}  // namespace

NewFile::NewFile(Descriptor folder, std::string path, std::string name, std::string temporary)
    : folder_(std::move(folder)),
      path_(std::move(path)),
      name_(std::move(name)),
      temporary_(std::move(temporary)) {}

NewFile::NewFile(NewFile&& other) noexcept
    : folder_(std::move(other.folder_)),
      path_(std::move(other.path_)),
      name_(std::move(other.name_)),
      temporary_(std::move(other.temporary_)),
      state_(std::exchange(other.state_, State::Gone)) {}

NewFile::~NewFile() {
  if (state_ == State::Prepared || state_ == State::Exchanged)
    ::unlinkat(folder_.get(), temporary_.c_str(), 0);
}

Result<NewFile> NewFile::prepare(const std::string& path, std::string_view bytes, const FileAccess& access) {
  const auto slash = path.rfind('/');
  const std::string name = path.substr(slash == std::string::npos ? 0 : slash + 1);
  if (name.empty()) return refused(path, "it is no name of a file");
  const std::string parent = slash == std::string::npos ? "." : slash == 0 ? "/" : path.substr(0, slash);
  Descriptor folder = TRY(open_folder(parent));
  TRY_VOID(check_old(folder, name, path));
  NewFile file(std::move(folder), path, name, temporary_name(name));
  TRY_VOID(file.write(bytes, access));
  return file;
}

Result<void> NewFile::write(std::string_view bytes, const FileAccess& access) {
  const Descriptor made(::openat(folder_.get(), temporary_.c_str(),
                                 O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!made) {
    state_ = State::Gone;
    return cannot("create a file beside", path_);
  }
  // Access last: until the content is whole nobody but us has any business with it.
  const bool well =
      write_all(made.get(), bytes) && give_access(made.get(), access) && ::fsync(made.get()) == 0;
  if (!well) return cannot("write", path_);
  return {};
}

Result<void> NewFile::place() {
  const int folder = folder_.get();
  const char* const fresh = temporary_.c_str();
  if (::renameat2(folder, fresh, folder, name_.c_str(), RENAME_EXCHANGE) == 0) {
    state_ = State::Exchanged;
  } else {
    // There was none to exchange it with, or the file system cannot: then there is no way back.
    const bool none = errno == ENOENT;
    if (::renameat(folder, fresh, folder, name_.c_str()) != 0) return cannot("put in place", path_);
    state_ = none ? State::PlacedNew : State::Gone;
  }
  if (::fsync(folder) != 0) return cannot("sync the folder of", path_);
  return {};
}

void NewFile::undo() {
  const int folder = folder_.get();
  if (state_ == State::Exchanged &&
      ::renameat2(folder, temporary_.c_str(), folder, name_.c_str(), RENAME_EXCHANGE) == 0)
    state_ = State::Prepared;
  if (state_ == State::PlacedNew && ::unlinkat(folder, name_.c_str(), 0) == 0) state_ = State::Gone;
  ::fsync(folder);
}

Result<void> make_folder(const std::string& path, const FileAccess& access) {
  if (::mkdir(path.c_str(), 0700) != 0)
    return errno == EEXIST ? Result<void>{} : cannot("make the folder", path);
  const Descriptor made = TRY(open_folder(path));
  if (!give_access(made.get(), access)) return cannot("set the mode of", path);
  return {};
}

}  // namespace mailchute
