// The database as a file: looked at before SQLite may touch it, created whole or not at all, and watched
// while in use. Refuses what is not ours and leaves it as it was. One thread.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

#include "base/descriptor.h"
#include "base/result.h"

namespace mailchute {

/// `mcht`, in the header of every queue (PRAGMA application_id).
inline constexpr int kApplicationId = 0x6d636874;

/// An existing queue. Keeps the file open and locked by its inode; must outlive the SQLite connection, for
/// closing any descriptor of a database drops the process's POSIX locks on it.
class QueueFile {
 public:
  /// Empty when there is no file of this name. Fails, with the reason, on links, on anything but a regular
  /// file of ours, on a file of 0 bytes, on one that is no SQLite database or another program's, and when the
  /// same file is in use under another name. The log and the index beside it must be regular files of ours
  /// too.
  static Result<std::optional<QueueFile>> look(const std::string& path);

  /// False once the name leads to another file or to none: what we write would be lost with the last
  /// descriptor. Also once somebody has cut the file short.
  bool in_place() const;

  /// To be said when the log has been moved into it: until the next time it gets no shorter.
  void note_length() { length_ = bytes(); }

  /// Once something is committed there is a log beside it, and from then on that must stay in place too.
  void watch_log();

  /// Of a watched log. Gone: its name leads to another file or to none; what is in it is whole, and only
  /// whoever has it open can still put it into the database. Cut: it has fewer bytes than were synced.
  enum class Log { InPlace, Gone, Cut };
  Log log(std::int64_t synced_bytes) const;

  /// Bytes of the file by now.
  std::int64_t bytes() const;

 private:
  QueueFile(std::string path, Descriptor file, dev_t device, ino_t inode)
      : path_(std::move(path)), file_(std::move(file)), device_(device), inode_(inode) {}
  Result<void> check_header() const;

  std::string path_;
  Descriptor file_;
  dev_t device_;
  ino_t inode_;
  std::int64_t length_ = 0;
  std::optional<ino_t> log_inode_;  ///< On the same device.
};

/// Makes an empty file of mode 0600 under a name of its own, to be filled and then given its real name by
/// publish().
Result<void> make_scratch_file(const std::string& scratch);

/// Syncs `scratch` and gives it the name `path`, which must not exist; syncs the folder.
Result<void> publish(const std::string& scratch, const std::string& path);

}  // namespace mailchute
