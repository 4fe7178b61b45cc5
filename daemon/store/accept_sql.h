// The SQL of a message on its way in: its chunks, and then the message itself. Inside a transaction of the
// store's thread.
#pragma once

#include <cstdint>
#include <string_view>

#include "store/queue.h"
#include "store/sqlite.h"

namespace mailchute {

/// The message and its recipients, due at once. Its content is there already, in `chunks` chunks. Fails alone
/// on an id that is taken.
SqliteResult<void> insert_message(Database& database, const NewMessage& message, std::int64_t chunks);

/// A message of ours with all of its content.
SqliteResult<void> insert_own_message(Database& database, const OwnMessage& own);

/// One piece of content, number from 0, with its checksum.
SqliteResult<void> insert_chunk(Database& database, MessageId id, std::int64_t number,
                                std::string_view bytes);

/// Notes that chunks will come before their message, so that a start after a crash finds them. Repeating it
/// changes nothing.
SqliteResult<void> begin_draft(Database& database, MessageId id);

/// The message has come, or never will. True when there was a draft of it.
SqliteResult<bool> end_draft(Database& database, MessageId id);

/// Bytes of all chunks that are in the database. A draft of which a chunk was refused (disk full) has fewer
/// than were given.
SqliteResult<std::int64_t> content_bytes(Database& database, MessageId id);

/// Deletes chunks, of a draft or of a message that needs them no more.
SqliteResult<void> delete_content(Database& database, MessageId id);
/// The same where it is known how many there are.
SqliteResult<void> delete_content(Database& database, MessageId id, std::int64_t chunks);

/// Deletes the chunks of drafts that were open when the process ended. Returns how many drafts there were.
SqliteResult<std::int64_t> delete_orphans(Database& database);

}  // namespace mailchute
