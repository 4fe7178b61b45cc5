#include "store/space.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>

#include <algorithm>

#include "base/descriptor.h"
#include "store/system.h"

namespace mailchute {

namespace {

/// CIFS and FUSE have no name in linux/magic.h on every release.
constexpr unsigned long kCifsMagic = 0xFF534D42;
constexpr unsigned long kSmb2Magic = 0xFE534D42;

/// A small disk gives an eighth of itself at most.
std::uint64_t fitting_ballast(const std::string& folder) {
  struct statvfs facts {};
  if (::statvfs(folder.c_str(), &facts) != 0) return kBallastBytes;
  const std::uint64_t total = static_cast<std::uint64_t>(facts.f_blocks) * facts.f_frsize;
  return std::min<std::uint64_t>(kBallastBytes, total / 8);
}

}  // namespace

Space::Space(std::string path)
    : path_(std::move(path)),
      ballast_(path_ + ".ballast"),
      ballast_bytes_(fitting_ballast(folder_of(path_))) {
  ::unlink(ballast_.c_str());  // Of an earlier run, perhaps of another size.
  restore();
}

std::uint64_t Space::free_bytes() const {
  struct statvfs facts {};
  if (::statvfs(folder_of(path_).c_str(), &facts) != 0) return 0;
  // f_bavail, not f_bfree: the blocks kept for root are not ours to fill.
  return static_cast<std::uint64_t>(facts.f_bavail) * facts.f_frsize;
}

bool Space::release() {
  if (!ballasted_) return false;
  ballasted_ = false;
  return ::unlink(ballast_.c_str()) == 0;
}

bool Space::restore() {
  if (ballasted_) return true;
  if (short_of_ballast()) return false;
  const Descriptor file(::open(ballast_.c_str(), O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!file) return false;
  // posix_fallocate writes zeros where the file system cannot reserve, so the room is real either way.
  ballasted_ = ::posix_fallocate(file.get(), 0, static_cast<off_t>(ballast_bytes_)) == 0;
  if (!ballasted_) ::unlink(ballast_.c_str());
  return ballasted_;
}

Phrase frail_file_system(const std::string& path) {
  struct statfs facts {};
  if (::statfs(folder_of(path).c_str(), &facts) != 0) return {};
  const auto type = static_cast<unsigned long>(facts.f_type) & 0xFFFFFFFFUL;
  if (type == TMPFS_MAGIC || type == RAMFS_MAGIC)
    return said({"is in memory (tmpfs): every queued message is lost at a reboot",
                 "在内存中（tmpfs）：重启时排队的邮件全部丢失"});
  if (type == NFS_SUPER_MAGIC || type == kCifsMagic || type == kSmb2Magic || type == SMB_SUPER_MAGIC) {
    return said({"is on a network file system: locks and syncs may not hold",
                 "在网络文件系统上：锁和同步可能靠不住"});
  }
  if (type == OVERLAYFS_SUPER_MAGIC)
    return said({"is in a container's own layer (overlay): every queued message is lost with the container",
                 "在容器自己的层里（overlay）：排队的邮件随容器一起丢失"});
  return {};
}

}  // namespace mailchute
