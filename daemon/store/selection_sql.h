// Which messages a Selection means: the same answer for `queue list` and for the commands that act. Inside a
// transaction.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "store/queue.h"
#include "store/seen.h"
#include "store/sqlite.h"

namespace mailchute {

/// The next unfinished messages, soonest expiry first (held ones last), at most `count_max`; moves the place.
SqliteResult<std::vector<MessageId>> walk_unfinished(Database& database, Place& place,
                                                     std::int64_t count_max);

/// The next messages finished at `since` or later, the last finished first. Begins at a place with time
/// INT64_MAX.
SqliteResult<std::vector<MessageId>> walk_finished(Database& database, Place& place, std::int64_t count_max,
                                                   std::optional<WallTime> since);

/// Whether the state that is asked for can be one of finished messages.
bool means_history(const Selection& selection);

/// Whether this message is meant; `ids` of the selection is the caller's matter. One recipient must fulfil
/// all conditions on recipients.
SqliteResult<bool> selects(Database& database, const Selection& selection, MessageId id);

}  // namespace mailchute
