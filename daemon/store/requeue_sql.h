// The SQL that gives a failed message another life, for as long as its content is kept. Inside a transaction
// of the store's thread.
#pragma once

#include <cstdint>
#include <optional>

#include "store/shares.h"
#include "store/sqlite.h"

namespace mailchute {

/// What that changes beside the rows.
struct Requeued {
  ShareChange share;             ///< Its user holds it again.
  std::uint64_t kept_bytes = 0;  ///< Of content, which is no longer a finished message's.
};

/// Queues the failed recipients of a finished message again, due now, with no attempts behind them and as
/// much time as they had before; those that were delivered stay. Empty where that cannot be: it is not
/// finished, none has failed, or its content has gone. Their routes may be of an older configuration: the
/// caller has them rerouted.
SqliteResult<std::optional<Requeued>> requeue(Database& database, MessageId id, WallTime now);

}  // namespace mailchute
