// SQLite writes each page of its write-ahead log in two pieces, with a system call for each. Here they are
// gathered, and what lies one behind the other goes to the file in one write, before the sync that makes it
// count. No sync is left out or moved, and nothing is asked of the file before it has what was gathered.
// Only for connections with synchronous = FULL or EXTRA: they sync before anybody else is told of a page.
#pragma once

namespace mailchute {

/// The name of an access to files (SQLite's VFS) that is as `base` (null: the system's), but gathers. It
/// lives as long as the process. `base` itself, where there is none of that name.
const char* gathering_vfs(const char* base);

}  // namespace mailchute
