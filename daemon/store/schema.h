// The tables, and how an older queue becomes one of today. Opens nothing by itself. Store's thread, or start.
#pragma once

#include <span>
#include <string>

#include "base/result.h"
#include "store/sqlite.h"

namespace mailchute {

/// What takes a queue from version n to n + 1 stands at place n. A step that has been released is never
/// changed again.
using Migrations = std::span<const char* const>;
Migrations migrations();

/// Makes a new, complete queue at `path`, which must not exist: mode 0600, write-ahead log, every table. A
/// start that is cut short leaves no half of it behind.
Result<void> create_queue(const std::string& path, const char* vfs = nullptr);

/// Refuses a database of another program, a newer version's, and one with tables that are not ours.
/// Changes nothing. `steps` is not the released list in tests only.
Result<void> check_schema(Database& database, const std::string& path, Migrations steps = migrations());

/// Brings an older queue to today's version, all steps in one transaction, after writing `PATH.backup-vN`.
Result<void> migrate(Database& database, const std::string& path, Migrations steps = migrations());

}  // namespace mailchute
