// The SQL of digests: failures of one sender for one reason, gathered by settlements and told together.
// Inside a transaction of the store's thread.
#pragma once

#include <cstddef>
#include <vector>

#include "store/queue.h"
#include "store/sqlite.h"

namespace mailchute {

/// Begins the digest unless it has begun, and adds the entries: the first limits::kDigestEntries of a digest
/// are kept, the rest is counted.
SqliteResult<void> gather(Database& database, const DigestPart& part);

/// Queue::open_digests.
SqliteResult<std::vector<DigestDue>> open_digests(Database& database);

/// Queue::tell_digest. An entry that turns out damaged is counted and not listed.
SqliteResult<std::size_t> tell_digest(Database& database, const DigestKey& key, WriteDigest& write);

}  // namespace mailchute
