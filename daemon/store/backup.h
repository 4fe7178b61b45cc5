// A copy of the live queue, made while it is in use, and looked through before it gets its name. For the
// command `backup`. One thread; a copy of a large queue takes as long as its disk takes to write it.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"
#include "base/unique_function.h"
#include "store/sqlite.h"

namespace mailchute {

/// What is in a copy.
struct BackupFacts {
  std::int64_t messages = 0;  ///< That are not finished.
  std::int64_t finished = 0;  ///< Of the history.
  std::uint64_t bytes = 0;    ///< Of the file.
};

/// Called now and then with how many bytes of the copy are written; Stop gives the copy up.
using WatchBackup = UniqueFunction<Database::Work(std::uint64_t bytes)>;

/// Writes what is committed at this moment to a new file of mode 0600; those who write meanwhile are not
/// waited for, and do not wait. The copy is checked from its first page to its last (PRAGMA integrity_check),
/// synced, and only then named `file`. No symbolic link is followed to it. Fails with code 73 when `file`
/// exists or cannot be made, 65 when the copy is not whole, 75 when it was given up, 74 else; nothing is left
/// behind then.
Result<BackupFacts> back_up_queue(Database& queue, const std::string& file, WatchBackup watch);

}  // namespace mailchute
