// Work on many messages, done a few at a time, so that accepting and delivering go on in between. Each step
// is a job of its own, and the next one is only asked for when the last is on disk.
#pragma once

#include <cstddef>
#include <memory>
#include <set>
#include <string>

#include "store/draft.h"
#include "store/operate_sql.h"
#include "store/queue.h"
#include "store/selection_sql.h"

namespace mailchute {

/// How many were touched, once all is done; what had been done before a failure stays done.
using ErrandEnd = UniqueFunction<void(QueueResult<std::size_t>)>;

/// Starts Queue::operate. Loop thread.
void start_operation(const Submit& submit, Operation operation, Selection selection, ErrandEnd end);

/// Starts Queue::reroute. Recipients of unknown routes are always asked about, and all of them when the
/// fingerprint is another than the one kept from the last time.
void start_reroute(const Submit& submit, std::set<std::string> known, std::string fingerprint,
                   ChooseRoute choose, ErrandEnd end);

}  // namespace mailchute
