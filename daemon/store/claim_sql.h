// The SQL of a message on its way out: what is due becomes parcels, and what was taken for nothing goes back.
// Inside a transaction of the store's thread.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "store/queue.h"
#include "store/sqlite.h"

namespace mailchute {

/// Queue::claim. A message that is damaged goes on hold instead.
SqliteResult<Claimed> claim(Database& database, const std::vector<Lane>& lanes, WallTime now);

/// Queue::claim_expired.
SqliteResult<Claimed> claim_expired(Database& database, WallTime now, std::size_t parcels_max);

/// All of a parcel whose id is set, but its recipients and its content. Returns how many chunks the content
/// has.
SqliteResult<std::int64_t> read_message(Database& database, Parcel& parcel);

/// Sending becomes Queued for these rows of the message.
SqliteResult<void> give_back(Database& database, MessageId id, const std::vector<std::int64_t>& rows);

/// Queue::read_chunk. A message whose chunk is damaged goes on hold, and the reader is told NotFound.
SqliteResult<QueueResult<std::string>> read_chunk(Database& database, MessageId id, std::int64_t number,
                                                  WallTime now);

}  // namespace mailchute
