#include "store/message_sql.h"

#include "base/log.h"
#include "base/text.h"
#include "store/accept_sql.h"
#include "store/checksum.h"
#include "store/rows.h"

namespace mailchute {

namespace {

constexpr char kStanding[] =
    "SELECT coalesce(max(r.state <= 1), 0), coalesce(max(r.state = 2), 0), m.chunks, m.bytes, m.source_uid, "
    "m.weight"
    " FROM message AS m CROSS JOIN recipient AS r WHERE m.id = ?1 AND r.message = ?1";
constexpr char kSetDeadline[] =
    "UPDATE message SET finished = NULL, deadline = CASE WHEN ?2 THEN expires ELSE expires + "
    "4611686018427387904 END"
    " WHERE id = ?1 AND deadline IS NOT CASE WHEN ?2 THEN expires ELSE expires + 4611686018427387904 END";
constexpr char kFinish[] =
    "UPDATE message SET finished = ?2, deadline = NULL WHERE id = ?1 AND finished IS NULL";
constexpr char kForgetChunks[] =
    "UPDATE message SET finished = ?2, deadline = NULL, chunks = 0 WHERE id = ?1 AND finished IS NULL";
constexpr char kChunk[] = "SELECT bytes, checksum FROM chunk WHERE id = ?1";
constexpr char kLaterChunk[] =
    "SELECT bytes, checksum FROM chunk WHERE message = ?1 AND number = ?2 AND number > 0";
constexpr char kCountChunks[] = "SELECT chunks FROM message WHERE id = ?1";
constexpr char kHoldDamaged[] =
    "UPDATE recipient SET state = 2, stage = 'connect', code = 0, enhanced = '', reply = ?2 WHERE message = "
    "?1 AND state <= 1";

/// What a message's recipients say together, and what is asked of it once it is finished.
struct Standing {
  bool active = false;
  bool held = false;
  std::int64_t chunks = 0;
  std::uint64_t bytes = 0;
  ShareChange share;
};

SqliteResult<Standing> standing_of(Database& database, MessageId id) {
  Standing standing;
  auto rows = TRY(database.query(kStanding, {id.value}));
  if (!TRY(rows.next())) return standing;
  standing.active = rows.flag(0);
  standing.held = rows.flag(1);
  standing.chunks = rows.number(2);
  standing.bytes = static_cast<std::uint64_t>(rows.number(3));
  if (!rows.null(4)) standing.share.user = static_cast<std::uint32_t>(rows.number(4));
  standing.share.bytes = -rows.number(5);
  return standing;
}

SqliteResult<std::optional<Finished>> finish_message(Database& database, MessageId id, WallTime now,
                                                     FinishedContent content, const Standing& standing) {
  const bool keep = content == FinishedContent::Kept;
  if (TRY(database.run(keep ? kFinish : kForgetChunks, {id.value, now})) == 0)
    return std::optional<Finished>();  // It was finished before.
  if (keep) return Finished{standing.share, standing.chunks > 0 ? standing.bytes : 0};
  TRY_VOID(delete_content(database, id, standing.chunks));
  return Finished{standing.share};
}

SqliteResult<std::optional<std::string>> fetch(Database& database, MessageId id, std::int64_t number) {
  auto rows = number == 0 ? TRY(database.query(kChunk, {id.value}))
                          : TRY(database.query(kLaterChunk, {id.value, number}));
  if (!TRY(rows.next())) return std::optional<std::string>();
  std::string bytes = rows.text(0);
  if (checksum(bytes, id.value + number) != rows.number(1)) return std::optional<std::string>();
  return std::optional<std::string>(std::move(bytes));
}

}  // namespace

SqliteResult<std::optional<Finished>> refresh_message(Database& database, MessageId id, WallTime now,
                                                      FinishedContent content) {
  const Standing standing = TRY(standing_of(database, id));
  if (!standing.active && !standing.held) return finish_message(database, id, now, content, standing);
  TRY_VOID(database.run(kSetDeadline, {id.value, standing.active ? 1 : 0}));
  return std::optional<Finished>();
}

SqliteResult<std::optional<std::string>> read_content(Database& database, MessageId id, std::int64_t number) {
  auto content = fetch(database, id, number);
  // One bad page must not stop all the others: it is this message's trouble, as long as the transaction
  // stands.
  if (!content && unreadable(content.error()) && database.in_transaction())
    return std::optional<std::string>();
  return content;
}

SqliteResult<std::optional<std::int64_t>> count_chunks(Database& database, MessageId id) {
  return database.number(kCountChunks, {id.value});
}

SqliteResult<int> hold_damaged(Database& database, MessageId id, WallTime now, const std::string& why) {
  const int held = TRY(database.run(kHoldDamaged, {id.value, why}));
  TRY_VOID(refresh_message(database, id, now, FinishedContent::Kept));
  log::note(log::Level::Error, "message_damaged", id.text() + " is on hold: " + printable(why));
  return held;
}

}  // namespace mailchute
