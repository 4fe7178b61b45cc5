// What every stage asks of one message: its content, and where it stands once its recipients have changed.
// Inside a transaction of the store's thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "store/queue.h"
#include "store/shares.h"
#include "store/sqlite.h"

namespace mailchute {

/// What becomes of the content of a message that is finished.
enum class FinishedContent { Deleted, Kept };

/// A message that has just been finished: what its user no longer holds, and what is kept of it.
struct Finished {
  ShareChange share;
  std::uint64_t kept_bytes = 0;  ///< Of content.
};

/// Brings `finished` and `deadline` of the message to what its recipients say, after any of them has changed.
/// Empty unless this has finished it.
SqliteResult<std::optional<Finished>> refresh_message(Database& database, MessageId id, WallTime now,
                                                      FinishedContent content);

/// Chunk `number`; empty when it is missing, unreadable or not what was stored.
SqliteResult<std::optional<std::string>> read_content(Database& database, MessageId id, std::int64_t number);

/// How many chunks the message has; empty when there is no such message.
SqliteResult<std::optional<std::int64_t>> count_chunks(Database& database, MessageId id);

/// Puts every open recipient of a damaged message on hold, with the reason where a person looks; the rest of
/// the queue goes on. Returns how many that were. One that is being sent is held too: if it arrives after
/// all, releasing it sends it twice.
SqliteResult<int> hold_damaged(Database& database, MessageId id, WallTime now, const std::string& why);

}  // namespace mailchute
