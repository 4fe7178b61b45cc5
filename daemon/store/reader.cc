#include "store/reader.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/exit_codes.h"
#include "store/message_sql.h"
#include "store/queue_file.h"
#include "store/rows.h"
#include "store/schema.h"
#include "store/seen_sql.h"
#include "store/selection_sql.h"
#include "store/system.h"

namespace mailchute {

namespace {

constexpr int kNothing = 1;

constexpr std::int64_t kPage = 200;
constexpr Duration kBusyPatience{5'000};

constexpr char kQuickCheck[] = "PRAGMA quick_check(1)";
constexpr char kUserVersion[] = "PRAGMA user_version";
constexpr char kPrefix[] = "SELECT id FROM message WHERE id BETWEEN ?1 AND ?2 LIMIT 2";

constexpr char kAttempts[] =
    "SELECT recipient, upstream, started, duration, stage, code, enhanced, reply, in_doubt, tls, peer FROM "
    "attempt"
    " WHERE message = ?1 ORDER BY number";

constexpr char kCountMessages[] =
    "SELECT count(*), min(id), coalesce(sum(bytes), 0) FROM message WHERE deadline IS NOT NULL";
constexpr char kReceived[] = "SELECT received FROM message WHERE id = ?1";
constexpr char kCountRecipients[] =
    "SELECT state, count(*), sum(in_doubt <> 0) FROM recipient WHERE next_attempt IS NOT NULL GROUP BY state";
constexpr char kLastHour[] =
    "SELECT coalesce(sum(accepted), 0), coalesce(sum(delivered), 0), coalesce(sum(deferred), 0), "
    "coalesce(sum(failed), 0)"
    " FROM tally WHERE minute > ?1 AND minute <= ?1 + 60";
constexpr char kEvents[] = "SELECT at, kind, subject, text FROM event ORDER BY id DESC LIMIT ?1";

template <typename T>
Result<T> told(SqliteResult<T> result) {
  if (!result) return fail("cannot read the queue: " + result.error().text, exit_code::kInputOutput);
  if constexpr (std::is_void_v<T>) {
    return {};
  } else {
    return std::move(*result);
  }
}

using Visit = UniqueFunction<void(SeenMessage)>;

/// Visits `id` if it is meant and there; `left` counts down.
SqliteResult<void> visit_one(Database& database, MessageId id, const Selection& selection, std::size_t& left,
                             Visit& each) {
  if (!TRY(selects(database, selection, id))) return {};
  auto seen = TRY(read_message(database, id));
  if (!seen) return {};
  each(std::move(*seen));
  --left;
  return {};
}

SqliteResult<void> visit_each(Database& database, const std::vector<MessageId>& ids,
                              const Selection& selection, std::size_t& left, Visit& each) {
  for (const MessageId id : ids) {
    if (left == 0) return {};
    TRY_VOID(visit_one(database, id, selection, left, each));
  }
  return {};
}

/// The same for all that `next_page` names, page by page.
SqliteResult<void> visit_pages(Database& database, const auto& next_page, const Selection& selection,
                               std::size_t& left, Visit& each) {
  while (left > 0) {
    const std::vector<MessageId> ids = TRY(next_page());
    if (ids.empty()) return {};
    TRY_VOID(visit_each(database, ids, selection, left, each));
  }
  return {};
}

SqliteResult<void> visit_selected(Database& database, const Selection& selection, std::size_t left,
                                  Visit& each) {
  if (!selection.ids.empty()) return visit_each(database, selection.ids, selection, left, each);
  Place place;
  TRY_VOID(visit_pages(
      database, [&] { return walk_unfinished(database, place, kPage); }, selection, left, each));
  if (!means_history(selection)) return {};
  place = Place{.time = INT64_MAX, .id = MessageId{INT64_MAX}};
  // Nothing is finished before it is received.
  const auto page = [&] { return walk_finished(database, place, kPage, selection.received_after); };
  return visit_pages(database, page, selection, left, each);
}

SeenAttempt read_attempt(const Rows& rows) {
  SeenAttempt seen;
  if (!rows.null(0)) seen.row = rows.number(0);
  seen.record.upstream = rows.text(1);
  seen.record.started = rows.time(2);
  seen.record.duration = Duration(rows.number(3));
  seen.record.stage = to_stage(rows.bytes(4));
  seen.record.reply = to_reply(rows, 4);
  seen.record.in_doubt = rows.flag(8);
  seen.record.tls = rows.text(9);
  seen.record.peer = rows.text(10);
  return seen;
}

SqliteResult<std::vector<SeenAttempt>> read_attempts(Database& database, MessageId id) {
  std::vector<SeenAttempt> attempts;
  auto rows = TRY(database.query(kAttempts, {id.value}));
  while (TRY(rows.next())) attempts.push_back(read_attempt(rows));
  return attempts;
}

SqliteResult<void> count_recipients(Database& database, QueueSummary& summary) {
  auto rows = TRY(database.query(kCountRecipients));
  while (TRY(rows.next())) {
    const std::int64_t count = rows.number(1);
    summary.recipients += count;
    switch (rows.small_number(0)) {
      case state_number::kQueued:
        summary.uncertain = rows.number(2);
        summary.queued = count - summary.uncertain;
        break;
      case state_number::kSending: summary.sending = count; break;
      default: summary.held = count; break;
    }
  }
  return {};
}

SqliteResult<std::int64_t> count_messages(Database& database, QueueSummary& summary) {
  auto rows = TRY(database.query(kCountMessages));
  if (!TRY(rows.next())) return 0;
  summary.messages = rows.number(0);
  summary.bytes = static_cast<std::uint64_t>(rows.number(2));
  return rows.number(1);
}

SqliteResult<Tally> read_last_hour(Database& database, WallTime now) {
  const std::int64_t minute = now.time_since_epoch().count() / 60'000;
  auto rows = TRY(database.query(kLastHour, {minute - 60}));
  if (!TRY(rows.next())) return Tally{};
  return Tally{.accepted = rows.small_number(0),
               .delivered = rows.small_number(1),
               .deferred = rows.small_number(2),
               .failed = rows.small_number(3)};
}

SqliteResult<QueueSummary> read_summary(Database& database, WallTime now) {
  QueueSummary summary;
  const std::int64_t oldest = TRY(count_messages(database, summary));
  // Ids sort by time: the lowest is the oldest.
  if (const auto received = TRY(database.number(kReceived, {oldest})))
    summary.oldest = WallTime(Duration(*received));
  TRY_VOID(count_recipients(database, summary));
  summary.last_hour = TRY(read_last_hour(database, now));
  return summary;
}

SqliteResult<std::vector<SeenEvent>> read_events(Database& database, std::size_t limit) {
  std::vector<SeenEvent> events;
  auto rows = TRY(database.query(kEvents, {limit}));
  while (TRY(rows.next())) events.push_back({rows.time(0), rows.text(1), rows.text(2), rows.text(3)});
  return events;
}

}  // namespace

Result<QueueReader> QueueReader::open(const std::string& path) {
  if (::access(path.c_str(), F_OK) != 0)
    return fail("cannot open queue " + path + ": " + errno_text(), exit_code::kNoInput);
  if (::access(path.c_str(), R_OK) != 0)
    return fail("cannot read queue " + path + ": " + errno_text(), exit_code::kPermission);
  auto database =
      Database::open(without_links(path), Database::Mode::ReadOnly, nullptr, Database::Links::Refused);
  if (!database)
    return fail("cannot open queue " + path + ": " + database.error().text, exit_code::kInputOutput);
  database->wait_when_busy(kBusyPatience);
  database->forbid_checkpoint_on_close();
  TRY_VOID(check_schema(*database, path));
  const auto version = TRY(told(database->number(kUserVersion)));
  if (version != static_cast<std::int64_t>(migrations().size())) {
    return fail("queue " + path + " is of an older version; start the daemon once to bring it up to date",
                exit_code::kBadData);
  }
  return QueueReader(std::move(*database));
}

Result<void> QueueReader::list(const Selection& selection, std::size_t limit,
                               UniqueFunction<void(SeenMessage)> each) {
  return told(visit_selected(database_, selection, limit, each));
}

Result<MessageId> QueueReader::find(std::string_view id_prefix) {
  const auto range = MessageId::prefix(id_prefix);
  if (!range) return fail("'" + std::string(id_prefix) + "' is not a message id", exit_code::kUsage);
  auto rows = TRY(told(database_.query(kPrefix, {range->first.value, range->last.value})));
  if (!TRY(told(rows.next()))) return fail("no message " + std::string(id_prefix), kNothing);
  const MessageId found{rows.number(0)};
  if (TRY(told(rows.next())))
    return fail("several messages begin with " + std::string(id_prefix), exit_code::kUsage);
  return found;
}

Result<SeenMessage> QueueReader::message(MessageId id) {
  auto seen = TRY(told(read_message(database_, id)));
  if (!seen) return fail("no message " + id.text(), kNothing);
  return std::move(*seen);
}

Result<std::vector<SeenAttempt>> QueueReader::attempts(MessageId id) {
  return told(read_attempts(database_, id));
}

Result<std::string> QueueReader::chunk(MessageId id, std::int64_t number) {
  const auto chunks = TRY(told(count_chunks(database_, id)));
  if (!chunks) return fail("no message " + id.text(), kNothing);
  if (*chunks == 0) return fail("the content of message " + id.text() + " is no longer kept", kNothing);
  if (number >= *chunks) return std::string();
  auto content = TRY(told(read_content(database_, id, number)));
  if (!content) return fail("the content of message " + id.text() + " is damaged", exit_code::kBadData);
  return std::move(*content);
}

Result<QueueSummary> QueueReader::summary(WallTime now) { return told(read_summary(database_, now)); }

Result<std::vector<UpstreamState>> QueueReader::upstreams() { return told(load_upstreams(database_)); }

Result<std::vector<Spending>> QueueReader::spendings() { return told(load_spendings(database_)); }

Result<std::vector<SeenEvent>> QueueReader::events(std::size_t limit) {
  return told(read_events(database_, limit));
}

Result<QuickCheck> QueueReader::quick_check(Duration patience) {
  const SystemClock clock;
  const SteadyTime end = clock.steady() + patience;
  QuickCheck check;
  database_.while_working([&] {
    if (clock.steady() < end) return Database::Work::GoOn;
    check.seen = QuickCheck::Seen::Part;
    return Database::Work::Stop;
  });
  const auto verdict = database_.word(kQuickCheck);
  database_.while_working(nullptr);
  if (!verdict && check.seen == QuickCheck::Seen::Part) return check;
  check.seen = QuickCheck::Seen::Whole;
  if (!verdict) return fail("cannot read the queue: " + verdict.error().text, exit_code::kInputOutput);
  if (*verdict != "ok") check.fault = *verdict;
  return check;
}

Result<BackupFacts> QueueReader::backup(const std::string& file, WatchBackup watch) {
  return back_up_queue(database_, file, std::move(watch));
}

}  // namespace mailchute
