// The SQL of a start: what becomes of recipients that were being sent when the process ended. Inside a
// transaction of the store's thread.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "mail/uncertain.h"
#include "store/queue.h"
#include "store/sent_marks.h"
#include "store/sqlite.h"

namespace mailchute {

/// Queue::doubt for one recipient, if it is still being sent.
SqliteResult<void> doubt(Database& database, MessageId id, std::int64_t row);

/// A recipient whose message was sent whole by a process that ended before the reply was kept.
struct Doubted {
  MessageId id;
  std::int64_t row = 0;
  std::string address;
  std::string upstream;
};

/// Those that doubt() marked and that are still being sent, in order. They become what `policy` says: queued
/// once more, or held, and the attempt is recorded as one in doubt. To give up would take a notice, which
/// nobody writes at a start: those are held too.
inline constexpr char kEndedBeforeReply[] = "the relay ended before the reply came";
SqliteResult<std::vector<Doubted>> reclaim_doubted(Database& database, UncertainPolicy policy, WallTime now);

/// The process ended while a login was waited for: it may have been refused, and counts so
/// (Queue::mark_login).
SqliteResult<void> count_login(Database& database, SentMarks::Mark login, WallTime now);

/// Whatever else was being sent is queued again. Returns how many recipients that was.
SqliteResult<std::int64_t> reclaim(Database& database);

}  // namespace mailchute
