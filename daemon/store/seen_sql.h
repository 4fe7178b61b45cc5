// The SQL of looking at one message: the same for the commands, which read the file, and for the store's
// thread. Inside a transaction or on a connection that only reads.
#pragma once

#include <cstdint>
#include <optional>

#include "store/seen.h"
#include "store/sqlite.h"

namespace mailchute {

/// The message with the first `recipients_max` of its recipients; empty when it has been purged.
SqliteResult<std::optional<SeenMessage>> read_message(Database& database, MessageId id,
                                                      std::int64_t recipients_max = INT64_MAX);

}  // namespace mailchute
