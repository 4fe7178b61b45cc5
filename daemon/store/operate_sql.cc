#include "store/operate_sql.h"

#include <optional>
#include <utility>
#include <vector>

#include "store/route_text.h"
#include "store/rows.h"
#include "store/upkeep_sql.h"

namespace mailchute {

namespace {

constexpr std::int64_t kRerouteRows = 200;

constexpr char kRetry[] =
    "UPDATE recipient SET next_attempt = min(next_attempt, ?2), route = replace(route, '!', '')"
    " WHERE message = ?1 AND +state = 0";
constexpr char kHold[] =
    "UPDATE recipient SET state = 2 WHERE message = ?1 AND +state = 0"
    " AND NOT EXISTS (SELECT 1 FROM recipient AS busy WHERE busy.message = ?1 AND +busy.state = 1)";
constexpr char kRelease[] =
    "UPDATE recipient SET state = 0, next_attempt = ?2 WHERE message = ?1 AND +state = 2";
constexpr char kRemove[] =
    "UPDATE recipient SET state = 4, next_attempt = NULL, code = 0, enhanced = '', reply = 'removed by the "
    "operator'"
    " WHERE message = ?1 AND +state IN (0, 2)"
    " AND NOT EXISTS (SELECT 1 FROM recipient AS busy WHERE busy.message = ?1 AND +busy.state = 1)";

// Held beyond its time it would be given up at once; it has as much time again as it had.
constexpr char kRenew[] =
    "UPDATE message SET expires = ?2 + expires - received WHERE id = ?1 AND expires <= ?2";
constexpr char kOpenRecipients[] =
    "SELECT r.route, r.next_attempt, r.message, r.number, r.address, r.checksum, m.sender FROM recipient AS r"
    " CROSS JOIN message AS m WHERE m.id = r.message AND r.state = ?1 AND r.next_attempt IS NOT NULL"
    " AND (r.route, r.next_attempt, r.message, r.number) > (?2, ?3, ?4, ?5)"
    " ORDER BY r.route, r.next_attempt, r.message, r.number LIMIT ?6";
constexpr char kSetRoute[] = "UPDATE recipient SET route = ?3 WHERE message = ?1 AND number = ?2";

SqliteResult<int> change_recipients(Database& database, Operation operation, MessageId id, WallTime now) {
  switch (operation) {
    case Operation::Retry: return database.run(kRetry, {id.value, now});
    case Operation::Hold: return database.run(kHold, {id.value});
    case Operation::Release: return database.run(kRelease, {id.value, now});
    case Operation::Remove: return database.run(kRemove, {id.value});
  }
  return 0;
}

struct OpenRecipient {
  ReroutePlace place;
  std::string address;
  std::int64_t checksum = 0;
  std::optional<std::string> sender;
};

SqliteResult<std::vector<OpenRecipient>> next_recipients(Database& database, const ReroutePlace& place) {
  std::vector<OpenRecipient> found;
  auto rows = TRY(database.query(kOpenRecipients, {place.state, place.route, place.next_attempt,
                                                   place.message, place.number, kRerouteRows}));
  while (TRY(rows.next())) {
    OpenRecipient open;
    open.place = {place.state, rows.text(0), rows.number(1), rows.number(2), rows.number(3)};
    open.address = rows.text(4);
    open.checksum = rows.number(5);
    if (!rows.null(6)) open.sender = rows.text(6);
    found.push_back(std::move(open));
  }
  return found;
}

/// The same, in the next open state where this one has no more: Sending, Queued, Held, each walked from its
/// beginning.
SqliteResult<std::vector<OpenRecipient>> further_recipients(Database& database, ReroutePlace& place) {
  auto found = TRY(next_recipients(database, place));
  while (found.empty() && place.state != state_number::kHeld) {
    const int state = place.state == state_number::kSending ? state_number::kQueued : state_number::kHeld;
    place = ReroutePlace{};
    place.state = state;
    found = TRY(next_recipients(database, place));
  }
  return found;
}

/// Empty for a recipient that is damaged: it goes on hold when it is claimed, and keeps its route till then.
std::optional<std::string> route_for(const OpenRecipient& open, ChooseRoute& choose) {
  const auto mailbox = to_mailbox(open.address, MessageId{open.place.message}, open.checksum);
  if (!mailbox) return std::nullopt;
  std::optional<Mailbox> sender;
  if (open.sender) {
    auto parsed = Mailbox::parse(*open.sender, Mailbox::Utf8::Allowed);
    if (!parsed) return std::nullopt;
    sender = std::move(*parsed);
  }
  return choose(sender, *mailbox);
}

/// Behind the last recipient of this route.
ReroutePlace behind_route(const ReroutePlace& place) {
  return {place.state, place.route, INT64_MAX, INT64_MAX, INT64_MAX};
}

}  // namespace

const char* operation_word(Operation operation) {
  switch (operation) {
    case Operation::Retry: return "retry";
    case Operation::Hold: return "hold";
    case Operation::Release: return "release";
    case Operation::Remove: return "remove";
  }
  return "";
}

SqliteResult<Operated> operate(Database& database, Operation operation, MessageId id, WallTime now,
                               FinishedContent content) {
  if (TRY(change_recipients(database, operation, id, now)) == 0) return Operated{};
  if (operation == Operation::Release) TRY_VOID(database.run(kRenew, {id.value, now}));
  Operated operated{.changed = true, .finished = TRY(refresh_message(database, id, now, content))};
  TRY_VOID(insert_event(database, now, operation_word(operation), id.text(), ""));
  return operated;
}

SqliteResult<Rerouted> reroute_some(Database& database, ReroutePlace& place, Reroute which,
                                    const std::set<std::string>& known, ChooseRoute& choose) {
  Rerouted rerouted;
  for (const OpenRecipient& open : TRY(further_recipients(database, place))) {
    rerouted.more = true;
    place = open.place;
    if (which == Reroute::Unknown && known.contains(widened(place.route))) {
      // A million recipients of a route that stands are passed in one step.
      place = behind_route(place);
      return rerouted;
    }
    const auto route = route_for(open, choose);
    if (!route || *route == widened(place.route)) continue;
    TRY_VOID(database.run(kSetRoute, {place.message, place.number, *route}));
    ++rerouted.changed;
  }
  return rerouted;
}

}  // namespace mailchute
