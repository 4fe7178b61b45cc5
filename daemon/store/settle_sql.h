// The SQL of the end of an attempt. Inside a transaction of the store's thread: all of it becomes true, or
// none.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "store/message_sql.h"
#include "store/queue.h"
#include "store/sqlite.h"

namespace mailchute {

/// What a settlement did, for the minute's tally.
struct Settled {
  int delivered = 0;
  int deferred = 0;
  int failed = 0;
  bool notice_queued = false;
  std::optional<Finished> finished;
};

/// Queue::settle. A settlement that finds none of its recipients Sending any more changes nothing and queues
/// no notice: it has been settled before, or an operator was faster.
SqliteResult<Settled> settle(Database& database, const Settlement& settlement, WallTime now,
                             FinishedContent content);

/// One record more for the history of a message; `recipient` is empty where it is about several.
SqliteResult<void> insert_attempt(Database& database, MessageId id, std::optional<std::int64_t> recipient,
                                  const AttemptRecord& attempt);

/// A recipient that was never tried has no reply of its own: then the trouble of an upstream of its route is
/// why, where there is one.
SqliteResult<void> add_trouble(Database& database, const std::string& route, LastReply& last);

/// Queue::last_replies.
SqliteResult<std::vector<LastReply>> last_replies(Database& database, MessageId id);

}  // namespace mailchute
