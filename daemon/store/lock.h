// Keeps a second daemon, or a command while the daemon runs, away from a queue: a lock on `queue.db.lock`,
// beside the database because closing any other descriptor of the database itself would drop SQLite's own
// locks. The same file remembers how many commits the database has seen, so that a lost log or an old copy is
// noticed. One thread.
#pragma once

#include <cstdint>
#include <string>

#include "base/descriptor.h"
#include "base/result.h"

namespace mailchute {

class QueueLock {
 public:
  /// Takes the lock of the queue at `path` at once or not at all; it goes with the object, or with the
  /// process. Fails when somebody has it (code 75), and on a lock file that is a link, not a regular file, or
  /// not ours.
  static Result<QueueLock> take(const std::string& path);

  /// The commit count noted last; 0 when none was.
  std::int64_t noted_commits() const;

  /// Notes a count of commits that are on disk. Not synced: after a power cut the note may be too low, never
  /// too high.
  void note_commits(std::int64_t commits) const;

 private:
  explicit QueueLock(Descriptor file) : file_(std::move(file)) {}
  Descriptor file_;
};

}  // namespace mailchute
