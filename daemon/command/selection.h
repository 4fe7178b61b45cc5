// Filters as typed become the selection that the queue understands. Days are those of the local zone. Main
// thread.
#pragma once

#include "base/clock.h"
#include "base/result.h"
#include "command/commands.h"
#include "store/queue.h"
#include "store/reader.h"

namespace mailchute {

/// True when a filter other than an id was given.
bool has_filter(const QueueFilters& filters);

/// Everything but the ids. Fails with code 64 on a duration or a code that is none. Times are cut to the
/// second, in which they go over the control socket, so that a dry run and the deed mean the same messages.
Result<Selection> to_selection(const QueueFilters& filters, WallTime now);

/// What must be looked up in the queue before a message is known by what was typed: empty when `typed` is a
/// whole id.
enum class IdKind { Whole, Beginning, Nothing };
IdKind kind_of_id(const std::string& typed);

/// True when the operation would change something about the message.
bool touches(Operation operation, const SeenMessage& message);

/// True when it is on its way to an upstream, with one of its recipients at least.
bool being_sent(const SeenMessage& message);

}  // namespace mailchute
