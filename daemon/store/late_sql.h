// The SQL of delay notices: what is late is found by an index of its own, read whole, and marked as told in
// the transaction that stores its notice. Inside a transaction of the store's thread.
#pragma once

#include <vector>

#include "store/queue.h"
#include "store/sqlite.h"

namespace mailchute {

/// Queue::tell_late. O(log n + ids). A message that is damaged is marked and passed over: whoever claims it
/// puts it on hold.
SqliteResult<ToldLate> tell_late(Database& database, WallTime received_until,
                                 const std::vector<MessageId>& ids, WriteLate& write);

}  // namespace mailchute
