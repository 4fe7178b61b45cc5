#include "store/late_sql.h"

#include <optional>
#include <utility>

#include "store/accept_sql.h"
#include "store/claim_sql.h"
#include "store/message_sql.h"
#include "store/rows.h"
#include "store/settle_sql.h"

namespace mailchute {

namespace {

// The words of the partial index message_late: without them it is not used.
#define MAILCHUTE_MAY_BE_LATE "delay_told = 0 AND deadline < 4611686018427387904"

constexpr char kLate[] =
    "SELECT id FROM message WHERE " MAILCHUTE_MAY_BE_LATE " AND received <= ?1 ORDER BY received LIMIT ?2";
constexpr char kNext[] = "SELECT received FROM message WHERE " MAILCHUTE_MAY_BE_LATE
                         " AND received > ?1 ORDER BY received LIMIT 1";

#undef MAILCHUTE_MAY_BE_LATE

constexpr char kOpenRecipients[] =
    "SELECT number, address, checksum, notify, original, attempts, in_doubt, next_attempt, route, state,"
    " stage, code, enhanced, reply, upstream FROM recipient WHERE message = ?1 AND +state <= 1 ORDER BY "
    "number";

constexpr char kMarkTold[] = "UPDATE message SET delay_told = 1 WHERE id = ?1";

struct OpenRecipient {
  ParcelRecipient recipient;
  LastReply standing;
  std::string route;
};

SqliteResult<OpenRecipient> read_recipient(const Rows& rows, MessageId id) {
  OpenRecipient open;
  open.recipient.row = rows.number(0);
  open.recipient.recipient.mailbox = TRY(to_mailbox(rows.bytes(1), id, rows.number(2)));
  open.recipient.recipient.notify = to_notify(rows.small_number(3));
  open.recipient.recipient.original = rows.text(4);
  open.recipient.attempts = rows.small_number(5);
  open.recipient.in_doubt = rows.flag(6);
  RecipientSettlement& end = open.standing.end;
  end.row = open.recipient.row;
  end.next_attempt = rows.time(7);
  open.route = rows.text(8);
  end.state = to_state(rows.small_number(9));
  end.attempts = open.recipient.attempts;
  end.in_doubt = open.recipient.in_doubt;
  end.stage = to_stage(rows.bytes(10));
  end.reply = to_reply(rows, 10);
  open.standing.upstream = rows.text(14);
  return open;
}

SqliteResult<std::vector<OpenRecipient>> open_recipients(Database& database, MessageId id) {
  std::vector<OpenRecipient> all;
  auto rows = TRY(database.query(kOpenRecipients, {id.value}));
  while (TRY(rows.next())) all.push_back(TRY(read_recipient(rows, id)));
  return all;
}

SqliteResult<LateMessage> read_late(Database& database, MessageId id) {
  LateMessage late;
  late.parcel.id = id;
  const std::int64_t chunks = TRY(read_message(database, late.parcel));
  if (chunks > 0) late.parcel.content = TRY(read_content(database, id, 0));
  for (OpenRecipient& open : TRY(open_recipients(database, id))) {
    TRY_VOID(add_trouble(database, open.route, open.standing));
    late.parcel.recipients.push_back(std::move(open.recipient));
    late.standing.push_back(std::move(open.standing));
  }
  return late;
}

SqliteResult<std::vector<MessageId>> late_messages(Database& database, WallTime until,
                                                   std::size_t count_max) {
  std::vector<MessageId> late;
  auto rows = TRY(database.query(kLate, {until, static_cast<std::int64_t>(count_max)}));
  while (TRY(rows.next())) late.push_back(MessageId{rows.number(0)});
  return late;
}

SqliteResult<void> tell(Database& database, MessageId id, MessageId notice_id, WriteLate& write,
                        ToldLate& told) {
  TRY_VOID(database.run(kMarkTold, {id.value}));
  auto late = read_late(database, id);
  if (!late && unreadable(late.error()) && database.in_transaction()) return {};
  if (!late) return tl::unexpected(std::move(late.error()));
  if (late->parcel.recipients.empty()) return {};
  const auto notice = write(*late, notice_id);
  if (!notice) return {};
  TRY_VOID(insert_own_message(database, *notice));
  told.notices.push_back({id, notice_id, late->parcel.sender});
  return {};
}

}  // namespace

SqliteResult<ToldLate> tell_late(Database& database, WallTime received_until,
                                 const std::vector<MessageId>& ids, WriteLate& write) {
  ToldLate told;
  for (const MessageId id : TRY(late_messages(database, received_until, ids.size())))
    TRY_VOID(tell(database, id, ids.at(told.looked_at++), write, told));
  const auto next = TRY(database.number(kNext, {received_until}));
  if (next) told.next_received = WallTime{Duration(*next)};
  return told;
}

}  // namespace mailchute
