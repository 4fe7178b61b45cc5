#include "store/settle_sql.h"

#include <optional>

#include "store/accept_sql.h"
#include "store/digest_sql.h"
#include "store/rows.h"
#include "store/upkeep_sql.h"

namespace mailchute {

namespace {

constexpr char kSettleRecipient[] =
    "UPDATE recipient SET state = ?3, attempts = ?4, next_attempt = ?5, in_doubt = ?6, stage = ?7, code = ?8,"
    " enhanced = ?9, reply = ?10, alone = max(alone, ?11), hang_ups = ?12 WHERE message = ?1 AND number = ?2 "
    "AND state = 1";

// One that was given another route meanwhile follows that.
constexpr char kNarrow[] =
    "UPDATE recipient SET route = ?3 WHERE message = ?1 AND number = ?2"
    " AND replace(route, '!', '') = replace(?3, '!', '')";

constexpr char kInsertAttempt[] =
    "INSERT INTO attempt(message, number, recipient, upstream, started, duration, stage, code, enhanced, "
    "reply, in_doubt, tls, peer)"
    " VALUES (?1, (SELECT coalesce(max(number), -1) + 1 FROM attempt WHERE message = ?1),"
    " ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)";

constexpr char kLastReplies[] =
    "SELECT number, state, attempts, next_attempt, in_doubt, stage, code, enhanced, reply, upstream, route "
    "FROM recipient"
    " WHERE message = ?1 ORDER BY number";

// Of several upstreams in trouble any is a reason; the first by name is always the same one.
constexpr char kTrouble[] =
    "SELECT stage, code, enhanced, reply, name FROM upstream_state WHERE trouble <> 'none'"
    " AND instr(',' || ?1 || ',', ',' || name || ',') > 0 ORDER BY name LIMIT 1";

/// Only what is still open keeps a time: the index of open recipients is made of it.
std::optional<WallTime> kept_time(const RecipientSettlement& settlement) {
  const bool open =
      settlement.state != RecipientState::Delivered && settlement.state != RecipientState::Failed;
  if (!open) return std::nullopt;
  return settlement.next_attempt;
}

SqliteResult<int> settle_recipient(Database& database, MessageId id, const RecipientSettlement& settlement) {
  return database.run(kSettleRecipient,
                      {id.value, settlement.row, to_number(settlement.state), settlement.attempts,
                       kept_time(settlement), settlement.in_doubt ? 1 : 0, stage_name(settlement.stage),
                       settlement.reply.code, settlement.reply.enhanced, kept_reply(settlement.reply),
                       settlement.alone ? 1 : 0, settlement.hang_ups});
}

/// The one that it is about; empty when there are several.
std::optional<std::int64_t> only_recipient(const Settlement& settlement) {
  if (settlement.recipients.size() != 1) return std::nullopt;
  return settlement.recipients.front().row;
}

void count(Settled& settled, RecipientState state) {
  switch (state) {
    case RecipientState::Delivered: ++settled.delivered; return;
    case RecipientState::Failed: ++settled.failed; return;
    default: ++settled.deferred; return;
  }
}

}  // namespace

SqliteResult<void> insert_attempt(Database& database, MessageId id, std::optional<std::int64_t> recipient,
                                  const AttemptRecord& attempt) {
  TRY_VOID(database.run(kInsertAttempt,
                        {id.value, recipient, attempt.upstream, attempt.started,
                         static_cast<std::int64_t>(attempt.duration.count()), stage_name(attempt.stage),
                         attempt.reply.code, attempt.reply.enhanced, kept_reply(attempt.reply),
                         attempt.in_doubt ? 1 : 0, attempt.tls, attempt.peer}));
  return {};
}

SqliteResult<Settled> settle(Database& database, const Settlement& settlement, WallTime now,
                             FinishedContent content) {
  Settled settled;
  int touched = 0;
  for (const RecipientSettlement& recipient : settlement.recipients) {
    if (TRY(settle_recipient(database, settlement.id, recipient)) == 0) continue;
    if (!recipient.route.empty())
      TRY_VOID(database.run(kNarrow, {settlement.id.value, recipient.row, recipient.route}));
    ++touched;
    count(settled, recipient.state);
  }
  if (settlement.spent) TRY_VOID(add_spending(database, *settlement.spent));
  if (touched == 0) return settled;
  if (settlement.attempt)
    TRY_VOID(insert_attempt(database, settlement.id, only_recipient(settlement), *settlement.attempt));
  for (const DigestPart& part : settlement.digests) TRY_VOID(gather(database, part));
  if (settlement.notice) {
    TRY_VOID(insert_own_message(database, *settlement.notice));
    settled.notice_queued = true;
  }
  settled.finished = TRY(refresh_message(database, settlement.id, now, content));
  return settled;
}

SqliteResult<void> add_trouble(Database& database, const std::string& route, LastReply& last) {
  if (last.end.reply != Reply{}) return {};
  auto rows = TRY(database.query(kTrouble, {route}));
  if (!TRY(rows.next())) return {};
  last.end.stage = to_stage(rows.bytes(0));
  last.end.reply = to_reply(rows, 0);
  last.upstream = rows.text(4);
  return {};
}

SqliteResult<std::vector<LastReply>> last_replies(Database& database, MessageId id) {
  std::vector<LastReply> replies;
  auto rows = TRY(database.query(kLastReplies, {id.value}));
  while (TRY(rows.next())) {
    LastReply last;
    last.end.row = rows.number(0);
    last.end.state = to_state(rows.small_number(1));
    last.end.attempts = rows.small_number(2);
    last.end.next_attempt = rows.time(3);
    last.end.in_doubt = rows.flag(4);
    last.end.stage = to_stage(rows.bytes(5));
    last.end.reply = to_reply(rows, 5);
    last.upstream = rows.text(9);
    TRY_VOID(add_trouble(database, rows.text(10), last));
    replies.push_back(std::move(last));
  }
  return replies;
}

}  // namespace mailchute
