#include "store/selection_sql.h"

#include <optional>
#include <string_view>

#include "store/rows.h"

namespace mailchute {

namespace {

constexpr char kUnfinished[] =
    "SELECT deadline, id FROM message WHERE deadline IS NOT NULL AND (deadline, id) > (?1, ?2)"
    " ORDER BY deadline, id LIMIT ?3";
constexpr char kFinished[] =
    "SELECT finished, id FROM message WHERE finished IS NOT NULL AND (finished, id) < (?1, ?2)"
    " AND finished >= ?4"
    " ORDER BY finished DESC, id DESC LIMIT ?3";

// ?6 matches the first name of a route, or the upstream that has the message in hand or had it last; of a
// narrowed route, whoever is left.
constexpr char kSelects[] =
    "SELECT 1 FROM message AS m WHERE m.id = ?1"
    " AND (?2 = '' OR matches(?2, coalesce(m.sender, '')))"
    " AND (?3 IS NULL OR m.received < ?3)"
    " AND (?4 IS NULL OR m.received >= ?4)"
    " AND EXISTS (SELECT 1 FROM recipient AS r WHERE r.message = m.id"
    "  AND (?5 = '' OR matches(?5, r.address))"
    "  AND (?6 = '' OR substr(r.route, 1, instr(r.route || ',', ',') - 1) = ?6 OR "
    "(instr(r.route, '!') > 0 AND instr(',' || r.route || ',', ',' || ?6 || ',') > 0) OR ((r.state = 1 OR "
    "r.next_attempt IS NULL) AND r.upstream = ?6))"
    "  AND (?10 OR (?7 IS NULL AND r.next_attempt IS NOT NULL) OR r.state = ?7)"
    "  AND (?8 IS NULL OR r.in_doubt = ?8)"
    "  AND (?9 IS NULL OR r.code = ?9))";

/// A state's word as conditions on two columns.
struct StateCondition {
  std::optional<std::int64_t> state;
  std::optional<std::int64_t> in_doubt;
};

StateCondition state_condition(std::string_view word) {
  if (word.empty() || word == "any") return {};
  if (word == "queued") return {state_number::kQueued, 0};
  if (word == "uncertain") return {state_number::kQueued, 1};
  if (word == "sending") return {state_number::kSending, std::nullopt};
  if (word == "held") return {state_number::kHeld, std::nullopt};
  if (word == "delivered") return {state_number::kDelivered, std::nullopt};
  if (word == "failed") return {state_number::kFailed, std::nullopt};
  return {-1, std::nullopt};  // No such state: nothing is meant.
}

SqliteResult<std::vector<MessageId>> walk(Rows rows, Place& place) {
  std::vector<MessageId> ids;
  while (TRY(rows.next())) {
    place = Place{rows.number(0), MessageId{rows.number(1)}};
    ids.push_back(place.id);
  }
  return ids;
}

}  // namespace

SqliteResult<std::vector<MessageId>> walk_unfinished(Database& database, Place& place,
                                                     std::int64_t count_max) {
  return walk(TRY(database.query(kUnfinished, {place.time, place.id.value, count_max})), place);
}

SqliteResult<std::vector<MessageId>> walk_finished(Database& database, Place& place, std::int64_t count_max,
                                                   std::optional<WallTime> since) {
  return walk(TRY(database.query(kFinished,
                                 {place.time, place.id.value, count_max, since.value_or(WallTime::min())})),
              place);
}

bool means_history(const Selection& selection) {
  return selection.state == "delivered" || selection.state == "failed" || selection.state == "any";
}

SqliteResult<bool> selects(Database& database, const Selection& selection, MessageId id) {
  const StateCondition state = state_condition(selection.state);
  const auto found = TRY(database.number(
      kSelects, {id.value, selection.from, selection.received_before, selection.received_after, selection.to,
                 selection.upstream, state.state, state.in_doubt, selection.code, selection.state == "any"}));
  return found.has_value();
}

}  // namespace mailchute
