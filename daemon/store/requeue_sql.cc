#include "store/requeue_sql.h"

#include "store/message_sql.h"
#include "store/operate_sql.h"
#include "store/rows.h"
#include "store/upkeep_sql.h"

namespace mailchute {

namespace {

constexpr char kFinishedWithContent[] =
    "SELECT bytes, source_uid, weight FROM message WHERE id = ?1 AND finished IS NOT NULL AND chunks > 0";
constexpr char kQueueAgain[] =
    "UPDATE recipient SET state = 0, next_attempt = ?2, attempts = 0, in_doubt = 0, hang_ups = 0,"
    " route = replace(route, '!', '') WHERE message = ?1 AND +state = 4";
constexpr char kRenew[] =
    "UPDATE message SET expires = max(expires, ?2 + expires - received), delay_told = 0 WHERE id = ?1";

SqliteResult<std::optional<Requeued>> candidate(Database& database, MessageId id) {
  auto rows = TRY(database.query(kFinishedWithContent, {id.value}));
  if (!TRY(rows.next())) return std::optional<Requeued>();
  Requeued requeued;
  requeued.kept_bytes = static_cast<std::uint64_t>(rows.number(0));
  if (!rows.null(1)) requeued.share.user = static_cast<std::uint32_t>(rows.number(1));
  requeued.share.bytes = rows.number(2);
  return requeued;
}

}  // namespace

SqliteResult<std::optional<Requeued>> requeue(Database& database, MessageId id, WallTime now) {
  auto requeued = TRY(candidate(database, id));
  if (!requeued || TRY(database.run(kQueueAgain, {id.value, now})) == 0) return std::optional<Requeued>();
  TRY_VOID(database.run(kRenew, {id.value, now}));
  TRY_VOID(refresh_message(database, id, now, FinishedContent::Kept));
  TRY_VOID(insert_event(database, now, operation_word(Operation::Retry), id.text(), "failed before"));
  return requeued;
}

}  // namespace mailchute
