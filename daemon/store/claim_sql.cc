#include "store/claim_sql.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/limits.h"
#include "store/message_sql.h"
#include "store/rows.h"

namespace mailchute {

namespace {

constexpr char kDue[] =
    "SELECT message FROM recipient WHERE state = 0 AND route = ?1 AND next_attempt <= ?2 AND in_doubt = 0"
    " ORDER BY next_attempt, message, number LIMIT ?3";
// What may have been delivered by one upstream is sent again by no other, as long as its route names that
// one. The index is named, for left to itself SQLite walks through all that is due, to find that nearly
// always nothing of it is in doubt.
constexpr char kFirstBound[] =
    "SELECT message FROM recipient INDEXED BY recipient_doubted WHERE in_doubt <> 0 AND state = 0 AND route "
    "= ?1 AND next_attempt <= ?2"
    " AND (upstream = ?3 OR instr(',' || route || ',', ',' || upstream || ',') = 0) LIMIT 1";
constexpr char kNextDue[] =
    "SELECT next_attempt FROM recipient WHERE state = 0 AND route = ?1 AND next_attempt > ?2 ORDER BY "
    "next_attempt LIMIT 1";

// The plus signs keep the planner on the primary key: the message is known, and its recipients lie together.
constexpr char kDueOfMessage[] =
    "SELECT number, address, checksum, notify, original, attempts, in_doubt, alone, hang_ups FROM recipient"
    " WHERE message = ?1 AND +state = 0 AND +route = ?2 AND +next_attempt <= ?3 AND (+in_doubt = 0 OR "
    "+upstream = ?5"
    "  OR instr(',' || route || ',', ',' || upstream || ',') = 0) ORDER BY number LIMIT ?4";
constexpr char kQueuedOfMessage[] =
    "SELECT number, address, checksum, notify, original, attempts, in_doubt, 0, hang_ups FROM recipient"
    " WHERE message = ?1 AND +state = 0 ORDER BY number";

// A message whose last recipients are being sent right now is left to that attempt.
constexpr char kExpired[] =
    "SELECT id FROM message WHERE deadline <= ?1"
    " AND EXISTS (SELECT 1 FROM recipient WHERE recipient.message = message.id AND +recipient.state = 0)"
    " ORDER BY deadline LIMIT ?2";
constexpr char kNextExpiry[] =
    "SELECT deadline FROM message WHERE deadline > ?1 AND deadline < 4611686018427387904 ORDER BY deadline "
    "LIMIT 1";

// What is claimed to be given up is given to nobody: the last that had it stays known.
constexpr char kMarkSending[] =
    "UPDATE recipient SET state = 1, upstream = CASE WHEN ?3 = '' THEN upstream ELSE ?3 END"
    " WHERE message = ?1 AND number = ?2";
constexpr char kGiveBack[] =
    "UPDATE recipient SET state = 0 WHERE message = ?1 AND number = ?2 AND state = 1";

constexpr char kMessage[] =
    "SELECT sender, checksum, bytes, chunks, body, smtputf8, ret, envelope_id, received, expires, notice,"
    " source_kind, source_uid, source_pid, source_command, source_address, source_helo, source_login,"
    " header_message_id, header_subject, header_from, automatic FROM message WHERE id = ?1";

/// The first, and those that may share its transaction.
SqliteResult<std::vector<ParcelRecipient>> read_recipients(Rows rows, MessageId id) {
  std::vector<ParcelRecipient> recipients;
  while (TRY(rows.next())) {
    const bool alone = rows.flag(7);
    if (alone && !recipients.empty()) continue;
    ParcelRecipient taker;
    taker.row = rows.number(0);
    taker.recipient.mailbox = TRY(to_mailbox(rows.bytes(1), id, rows.number(2)));
    taker.recipient.notify = to_notify(rows.small_number(3));
    taker.recipient.original = rows.text(4);
    taker.attempts = rows.small_number(5);
    taker.in_doubt = rows.flag(6);
    taker.hang_ups = rows.small_number(8);
    recipients.push_back(std::move(taker));
    if (alone) break;
  }
  return recipients;
}

SqliteResult<std::optional<Mailbox>> read_sender(const Rows& rows, MessageId id) {
  if (address_checksum(rows.bytes(0), id, rows.number(2)) != rows.number(1)) {
    return damaged("the sender or the size in the queue is damaged");
  }
  if (rows.null(0)) return std::optional<Mailbox>();
  auto sender = Mailbox::parse(rows.bytes(0), Mailbox::Utf8::Allowed);
  if (!sender) return damaged("the sender in the queue cannot be read: " + sender.error().text);
  return std::optional<Mailbox>(std::move(*sender));
}

/// Content that is small comes along: one read less for nearly every message.
SqliteResult<void> read_small_content(Database& database, Parcel& parcel, std::int64_t chunks) {
  if (chunks != 1 || parcel.bytes > limits::kChunkBytes) return {};
  parcel.content = TRY(read_content(database, parcel.id, 0));
  if (!parcel.content || parcel.content->size() != parcel.bytes)
    return damaged("the content in the queue is damaged");
  return {};
}

SqliteResult<void> mark_sending(Database& database, const Parcel& parcel) {
  for (const ParcelRecipient& taker : parcel.recipients) {
    TRY_VOID(database.run(kMarkSending, {parcel.id.value, taker.row, parcel.upstream}));
  }
  return {};
}

/// Makes a parcel of recipients already read.
SqliteResult<Parcel> pack(Database& database, MessageId id, const std::string& upstream,
                          std::vector<ParcelRecipient> recipients) {
  Parcel parcel;
  parcel.id = id;
  parcel.upstream = upstream;
  parcel.recipients = std::move(recipients);
  const std::int64_t chunks = TRY(read_message(database, parcel));
  TRY_VOID(read_small_content(database, parcel, chunks));
  TRY_VOID(mark_sending(database, parcel));
  return parcel;
}

/// A message that turns out damaged is put on hold and gives no parcel; every other failure stays one.
SqliteResult<std::optional<Parcel>> or_hold(Database& database, MessageId id, WallTime now,
                                            SqliteResult<Parcel> parcel) {
  if (parcel) return std::optional<Parcel>(std::move(*parcel));
  if (!unreadable(parcel.error()) || !database.in_transaction())
    return tl::unexpected(std::move(parcel.error()));
  const int held = TRY(hold_damaged(database, id, now, parcel.error().text));
  if (held == 0)
    return inconsistent("a damaged message cannot be put on hold");  // Or it would be claimed for ever.
  return std::optional<Parcel>();
}

SqliteResult<Parcel> take_due(Database& database, MessageId id, const Lane& lane, WallTime now) {
  auto rows = TRY(database.query(
      kDueOfMessage,
      {id.value, lane.route, now, static_cast<std::int64_t>(std::max<std::size_t>(lane.recipients_max, 1)),
       lane.upstream}));
  auto recipients = TRY(read_recipients(std::move(rows), id));
  if (recipients.empty()) return inconsistent("the index of due recipients does not agree with its table");
  auto parcel = TRY(pack(database, id, lane.upstream, std::move(recipients)));
  parcel.route = lane.route;
  return parcel;
}

/// A message with something due in a lane, and how many recipients of it were seen to be.
struct Due {
  MessageId id;
  std::size_t recipients = 0;
};

/// The messages of the first recipients that are due, at most `recipients_max` of these; each message once,
/// though its recipients may come due at different times, between those of others.
SqliteResult<std::vector<Due>> due_messages(Database& database, const Lane& lane, WallTime now,
                                            std::size_t recipients_max) {
  std::vector<Due> due;
  auto rows = TRY(database.query(kDue, {lane.route, now, static_cast<std::int64_t>(recipients_max)}));
  while (TRY(rows.next())) {
    const MessageId id{rows.number(0)};
    const auto known = std::find_if(due.begin(), due.end(), [id](const Due& each) { return each.id == id; });
    (known == due.end() ? due.emplace_back(Due{id, 0}) : *known).recipients += 1;
  }
  return due;
}

/// What one lane takes.
class LaneClaim {
 public:
  LaneClaim(Database& database, const Lane& lane, WallTime now, std::vector<Parcel>& parcels)
      : database_(database),
        lane_(lane),
        now_(now),
        parcels_(parcels),
        end_(parcels.size() + lane.parcels_max) {}

  /// Those that are bound first, for they have waited before.
  SqliteResult<void> run() {
    while (!full()) {
      const auto bound = TRY(database_.number(kFirstBound, {lane_.route, now_, lane_.upstream}));
      if (!bound) break;
      TRY_VOID(take({MessageId{*bound}, 1}));
    }
    // Every turn takes at least one recipient out of Queued, or fails: it ends.
    while (!full() && lane_.takes == Lane::Takes::All) {
      const auto due = TRY(due_messages(database_, lane_, now_, end_ - parcels_.size()));
      if (due.empty()) break;
      parcels_.reserve(parcels_.size() + due.size());
      for (const Due& each : due) TRY_VOID(take(each));
    }
    return {};
  }

 private:
  bool full() const { return parcels_.size() >= end_; }

  /// As many parcels as hold the recipients that were seen.
  SqliteResult<void> take(Due due) {
    while (due.recipients > 0 && !full()) {
      auto parcel = TRY(or_hold(database_, due.id, now_, take_due(database_, due.id, lane_, now_)));
      if (!parcel) break;
      due.recipients -= std::min(due.recipients, parcel->recipients.size());
      parcels_.push_back(std::move(*parcel));
    }
    return {};
  }

  Database& database_;
  const Lane& lane_;
  WallTime now_;
  std::vector<Parcel>& parcels_;
  std::size_t end_;  ///< Of `parcels_`, when the lane has taken all that it may.
};

void take_earlier(std::optional<WallTime>& earliest, std::optional<std::int64_t> moment) {
  if (!moment) return;
  const WallTime time{Duration(*moment)};
  if (!earliest || time < *earliest) earliest = time;
}

SqliteResult<Parcel> take_expired(Database& database, MessageId id, std::vector<ParcelRecipient> recipients) {
  return pack(database, id, "", std::move(recipients));
}

SqliteResult<std::vector<MessageId>> expired_messages(Database& database, WallTime now,
                                                      std::size_t count_max) {
  std::vector<MessageId> ids;
  auto rows = TRY(database.query(kExpired, {now, static_cast<std::int64_t>(count_max)}));
  while (TRY(rows.next())) ids.push_back(MessageId{rows.number(0)});
  return ids;
}

}  // namespace

SqliteResult<Claimed> claim(Database& database, const std::vector<Lane>& lanes, WallTime now) {
  Claimed claimed;
  for (const Lane& lane : lanes) {
    TRY_VOID(LaneClaim(database, lane, now, claimed.parcels).run());
    take_earlier(claimed.next_due, TRY(database.number(kNextDue, {lane.route, now})));
  }
  return claimed;
}

SqliteResult<Claimed> claim_expired(Database& database, WallTime now, std::size_t parcels_max) {
  Claimed claimed;
  for (const MessageId id : TRY(expired_messages(database, now, parcels_max))) {
    auto rows = TRY(database.query(kQueuedOfMessage, {id.value}));
    auto recipients = read_recipients(std::move(rows), id);
    auto parcel = recipients ? take_expired(database, id, std::move(*recipients))
                             : SqliteResult<Parcel>(tl::unexpected(std::move(recipients.error())));
    auto taken = TRY(or_hold(database, id, now, std::move(parcel)));
    if (taken) claimed.parcels.push_back(std::move(*taken));
  }
  take_earlier(claimed.next_due, TRY(database.number(kNextExpiry, {now})));
  return claimed;
}

SqliteResult<std::int64_t> read_message(Database& database, Parcel& parcel) {
  auto rows = TRY(database.query(kMessage, {parcel.id.value}));
  if (!TRY(rows.next())) return damaged("the message of a recipient is missing");
  parcel.sender = TRY(read_sender(rows, parcel.id));
  parcel.bytes = static_cast<std::uint64_t>(rows.number(2));
  parcel.body = to_body(rows.small_number(4));
  parcel.smtputf8 = rows.flag(5);
  parcel.ret = to_return(rows.small_number(6));
  parcel.envelope_id = rows.text(7);
  parcel.received = rows.time(8);
  parcel.expires = rows.time(9);
  parcel.notice = rows.flag(10);
  parcel.source = to_source(rows, 11);
  parcel.summary = {.message_id = rows.text(18),
                    .subject = rows.text(19),
                    .from = rows.text(20),
                    .automatic = rows.flag(21)};
  return rows.number(3);
}

SqliteResult<void> give_back(Database& database, MessageId id, const std::vector<std::int64_t>& rows) {
  for (const std::int64_t row : rows) TRY_VOID(database.run(kGiveBack, {id.value, row}));
  return {};
}

SqliteResult<QueueResult<std::string>> read_chunk(Database& database, MessageId id, std::int64_t number,
                                                  WallTime now) {
  const auto chunks = TRY(count_chunks(database, id));
  if (!chunks || *chunks == 0) {
    return QueueResult<std::string>(
        tl::unexpected(QueueFault{QueueFault::Kind::NotFound, "no content of this message is kept"}));
  }
  if (number >= *chunks) return QueueResult<std::string>(std::string());
  auto content = TRY(read_content(database, id, number));
  if (content) return QueueResult<std::string>(std::move(*content));
  TRY_VOID(hold_damaged(database, id, now, "the content in the queue is damaged"));
  return QueueResult<std::string>(
      tl::unexpected(QueueFault{QueueFault::Kind::NotFound, "the content in the queue is damaged"}));
}

}  // namespace mailchute
