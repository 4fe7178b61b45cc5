#include "store/recover_sql.h"

#include "store/message_sql.h"
#include "store/settle_sql.h"
#include "store/upkeep_sql.h"

namespace mailchute {

namespace {

// in_doubt: 1 for an earlier attempt, 2 for the one under way. Only while Sending is the second ever set.
constexpr char kDoubt[] =
    "UPDATE recipient SET in_doubt = in_doubt | 2 WHERE message = ?1 AND number = ?2 AND state = 1";
constexpr char kDoubted[] =
    "SELECT message, number, address, upstream FROM recipient WHERE state = 1 AND next_attempt IS NOT NULL "
    "AND in_doubt >= 2"
    " ORDER BY message, number";
constexpr char kReclaimDoubted[] =
    "UPDATE recipient SET state = CASE WHEN ?3 AND in_doubt = 2 THEN 0 ELSE 2 END, in_doubt = 1,"
    " stage = 'final_dot', code = 0, enhanced = '', reply = ?4"
    " WHERE message = ?1 AND number = ?2";
constexpr char kReclaim[] = "UPDATE recipient SET state = 0 WHERE state = 1 AND next_attempt IS NOT NULL";

SqliteResult<std::vector<Doubted>> find_doubted(Database& database) {
  std::vector<Doubted> doubted;
  auto rows = TRY(database.query(kDoubted));
  while (TRY(rows.next()))
    doubted.push_back({MessageId{rows.number(0)}, rows.number(1), rows.text(2), rows.text(3)});
  return doubted;
}

/// The attempt that nobody was left to record: when it began is not known.
AttemptRecord interrupted(const Doubted& doubted, WallTime now) {
  AttemptRecord attempt;
  attempt.upstream = doubted.upstream;
  attempt.started = now;
  attempt.stage = Stage::FinalDot;
  attempt.reply = {0, {}, kEndedBeforeReply};
  attempt.in_doubt = true;
  return attempt;
}

}  // namespace

SqliteResult<void> doubt(Database& database, MessageId id, std::int64_t row) {
  TRY_VOID(database.run(kDoubt, {id.value, row}));
  return {};
}

SqliteResult<std::vector<Doubted>> reclaim_doubted(Database& database, UncertainPolicy policy, WallTime now) {
  std::vector<Doubted> doubted = TRY(find_doubted(database));
  const std::int64_t once_more = policy == UncertainPolicy::RetryOnce ? 1 : 0;
  for (const Doubted& each : doubted) {
    TRY_VOID(insert_attempt(database, each.id, each.row, interrupted(each, now)));
    TRY_VOID(database.run(kReclaimDoubted, {each.id.value, each.row, once_more, kEndedBeforeReply}));
    TRY_VOID(refresh_message(database, each.id, now, FinishedContent::Kept));
  }
  return doubted;
}

SqliteResult<void> count_login(Database& database, SentMarks::Mark login, WallTime now) {
  for (UpstreamState& state : TRY(load_upstreams(database))) {
    if (SentMarks::login(state.name) != login) continue;
    state.refused_logins.push_back(now);
    if (state.cooling_until.value_or(now) <= now) {
      state.trouble = "login";
      state.cooling_until.reset();
      state.stage = Stage::Auth;
      state.reply = {0, {}, kEndedBeforeReply};
    }
    TRY_VOID(save_upstream(database, state));
  }
  return {};
}

SqliteResult<std::int64_t> reclaim(Database& database) { return TRY(database.run(kReclaim)); }

}  // namespace mailchute
