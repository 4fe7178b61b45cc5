// The SQL of an operator's bidding, and of a new routing. Inside a transaction of the store's thread, a few
// messages at a time.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>

#include "base/unique_function.h"
#include "store/message_sql.h"
#include "store/queue.h"
#include "store/rows.h"
#include "store/sqlite.h"

namespace mailchute {

/// `retry`, `hold`, `release`, `remove`: the word of the command and of the audit.
const char* operation_word(Operation operation);

struct Operated {
  bool changed = false;
  std::optional<Finished> finished;
};

/// Does it to one message, if it is one that it can be done to, and keeps an event of it.
SqliteResult<Operated> operate(Database& database, Operation operation, MessageId id, WallTime now,
                               FinishedContent content);

/// Where a walk through all open recipients has come to. It begins with those that are being sent: what comes
/// back meanwhile is queued, where the walk has yet to pass.
struct ReroutePlace {
  int state = state_number::kSending;
  std::string route;
  std::int64_t next_attempt = INT64_MIN;
  std::int64_t message = 0;
  std::int64_t number = -1;
};

/// Which recipients are asked about: those whose route no longer exists, or all of them, because the rules
/// have changed.
enum class Reroute { Unknown, All };
using ChooseRoute = UniqueFunction<std::string(const std::optional<Mailbox>&, const Mailbox&)>;

struct Rerouted {
  std::size_t changed = 0;
  bool more = false;
};

/// Looks at the next few open recipients and gives them the route that `choose` names. One that is being sent
/// keeps its state: if it comes back, it comes back to the new route.
SqliteResult<Rerouted> reroute_some(Database& database, ReroutePlace& place, Reroute which,
                                    const std::set<std::string>& known, ChooseRoute& choose);

}  // namespace mailchute
