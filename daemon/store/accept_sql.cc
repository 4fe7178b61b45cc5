#include "store/accept_sql.h"

#include <algorithm>
#include <limits>
#include <vector>

#include "base/limits.h"
#include "store/checksum.h"
#include "store/rows.h"
#include "store/shares.h"

namespace mailchute {

namespace {

constexpr char kInsertMessage[] =
    "INSERT INTO message(id, received, expires, deadline, sender, body, smtputf8, ret, envelope_id, bytes, "
    "chunks, notice, weight,"
    " source_kind, source_uid, source_pid, source_command, source_address, source_helo, source_login,"
    " header_message_id, header_subject, header_from, automatic, checksum)"
    " VALUES (?1, ?2, ?3, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, "
    "?21, ?22, ?23, ?24)";

constexpr char kInsertRecipient[] =
    "INSERT INTO recipient(message, number, state, route, next_attempt, attempts, in_doubt, address, notify, "
    "original,"
    " upstream, stage, code, enhanced, reply, checksum)"
    " VALUES (?1, ?2, 0, ?3, ?4, 0, 0, ?5, ?6, ?7, '', 'connect', 0, '', '', ?8)";

constexpr char kInsertFirstChunk[] =
    "INSERT INTO chunk(id, message, number, checksum, bytes) VALUES (?1, ?1, 0, ?2, ?3)";

constexpr char kInsertLaterChunk[] =
    "INSERT INTO chunk(id, message, number, checksum, bytes)"
    " VALUES ((SELECT min(coalesce(min(id), 0), 0) - 1 FROM chunk), ?1, ?2, ?3, ?4)";

constexpr char kBeginDraft[] = "INSERT OR IGNORE INTO draft(id) VALUES (?1)";
constexpr char kEndDraft[] = "DELETE FROM draft WHERE id = ?1";
constexpr char kDrafts[] = "SELECT id FROM draft";

// length() of a blob is in its row's head: the content itself is not read.
constexpr char kContentBytes[] =
    "SELECT coalesce((SELECT length(bytes) FROM chunk WHERE id = ?1), 0)"
    " + coalesce((SELECT sum(length(bytes)) FROM chunk WHERE message = ?1 AND number > 0), 0)";

constexpr char kDeleteFirstChunk[] = "DELETE FROM chunk WHERE id = ?1";
constexpr char kDeleteLaterChunks[] = "DELETE FROM chunk WHERE message = ?1 AND number > 0";

SqliteResult<void> insert_recipient(Database& database, const NewMessage& message, std::size_t number) {
  const NewRecipient& taker = message.recipients[number];
  const std::string address = taker.recipient.mailbox.text();
  TRY_VOID(database.run(kInsertRecipient,
                        {message.id.value, static_cast<std::int64_t>(number), taker.route,
                         message.received - message.lead, address, to_number(taker.recipient.notify),
                         taker.recipient.original, address_checksum(address, message.id)}));
  return {};
}

}  // namespace

SqliteResult<void> insert_message(Database& database, const NewMessage& message, std::int64_t chunks) {
  const Source& source = message.source;
  const HeaderSummary& summary = message.summary;
  const auto bytes = static_cast<std::int64_t>(message.bytes);
  std::optional<std::string> sender;
  if (message.sender) sender = message.sender->text();
  TRY_VOID(database.run(kInsertMessage, {message.id.value,
                                         message.received,
                                         message.expires,
                                         sender,
                                         to_number(message.body),
                                         message.smtputf8 ? 1 : 0,
                                         to_number(message.ret),
                                         message.envelope_id,
                                         bytes,
                                         chunks,
                                         message.notice ? 1 : 0,
                                         static_cast<std::int64_t>(share_weight(message)),
                                         source.kind,
                                         source.uid,
                                         source.pid,
                                         source.command,
                                         source.address,
                                         source.helo,
                                         source.login,
                                         summary.message_id,
                                         summary.subject,
                                         summary.from,
                                         summary.automatic ? 1 : 0,
                                         address_checksum(sender.value_or(""), message.id, bytes)}));
  for (std::size_t number = 0; number < message.recipients.size(); ++number) {
    TRY_VOID(insert_recipient(database, message, number));
  }
  return {};
}

SqliteResult<void> insert_own_message(Database& database, const OwnMessage& own) {
  std::string_view rest = own.content;
  std::int64_t chunks = 0;
  do {
    const auto piece = rest.substr(0, limits::kChunkBytes);
    TRY_VOID(insert_chunk(database, own.message.id, chunks++, piece));
    rest.remove_prefix(piece.size());
  } while (!rest.empty());
  NewMessage message = own.message;
  message.bytes = own.content.size();
  return insert_message(database, message, chunks);
}

SqliteResult<void> insert_chunk(Database& database, MessageId id, std::int64_t number,
                                std::string_view bytes) {
  const std::int64_t sum = checksum(bytes, id.value + number);
  if (number == 0) {
    TRY_VOID(database.run(kInsertFirstChunk, {id.value, sum, Blob{bytes}}));
  } else {
    TRY_VOID(database.run(kInsertLaterChunk, {id.value, number, sum, Blob{bytes}}));
  }
  return {};
}

SqliteResult<void> begin_draft(Database& database, MessageId id) {
  TRY_VOID(database.run(kBeginDraft, {id.value}));
  return {};
}

SqliteResult<bool> end_draft(Database& database, MessageId id) {
  return TRY(database.run(kEndDraft, {id.value})) > 0;
}

SqliteResult<std::int64_t> content_bytes(Database& database, MessageId id) {
  return TRY(database.number(kContentBytes, {id.value})).value_or(0);
}

SqliteResult<void> delete_content(Database& database, MessageId id) {
  return delete_content(database, id, std::numeric_limits<std::int64_t>::max());
}

SqliteResult<void> delete_content(Database& database, MessageId id, std::int64_t chunks) {
  TRY_VOID(database.run(kDeleteFirstChunk, {id.value}));
  if (chunks > 1) TRY_VOID(database.run(kDeleteLaterChunks, {id.value}));
  return {};
}

SqliteResult<std::int64_t> delete_orphans(Database& database) {
  std::vector<MessageId> drafts;
  {
    auto rows = TRY(database.query(kDrafts));
    while (TRY(rows.next())) drafts.push_back(MessageId{rows.number(0)});
  }
  for (const MessageId id : drafts) {
    TRY_VOID(delete_content(database, id));
    TRY_VOID(end_draft(database, id));
  }
  return static_cast<std::int64_t>(drafts.size());
}

}  // namespace mailchute
