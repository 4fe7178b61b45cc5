#include "store/upkeep_sql.h"

#include <algorithm>
#include <map>
#include <utility>

#include "base/text.h"
#include "store/accept_sql.h"
#include "store/rows.h"

namespace mailchute {

namespace {

constexpr std::int64_t kMinute = 60'000;

constexpr char kAddTally[] =
    "INSERT INTO tally(minute, accepted, delivered, deferred, failed) VALUES (?1, ?2, ?3, ?4, ?5)"
    " ON CONFLICT(minute) DO UPDATE SET accepted = accepted + ?2, delivered = delivered + ?3,"
    " deferred = deferred + ?4, failed = failed + ?5";

constexpr char kCommits[] = "SELECT commits FROM meta";
constexpr char kHighestId[] = "SELECT max(highest_id, coalesce((SELECT max(id) FROM message), 0)) FROM meta";
constexpr char kSetMeta[] = "UPDATE meta SET commits = ?1, highest_id = max(highest_id, ?2) WHERE only = 1";
constexpr char kToken[] = "SELECT token FROM meta";
constexpr char kRouting[] = "SELECT routing FROM meta";
constexpr char kSetRouting[] = "UPDATE meta SET routing = ?1 WHERE only = 1";

constexpr char kSaveUpstream[] =
    "INSERT OR REPLACE INTO upstream_state(name, trouble, failures, cooling_until, paused, stage, code, "
    "enhanced, reply,"
    " last_success, secret_fingerprint, refused_logins, refused_words, refused_to)"
    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)";
constexpr char kLoadUpstreams[] =
    "SELECT name, trouble, failures, cooling_until, paused, stage, code, enhanced, reply, last_success, "
    "secret_fingerprint, refused_logins, refused_words, refused_to"
    " FROM upstream_state ORDER BY name";

constexpr char kAddSpending[] =
    "INSERT INTO spending(upstream, minute, messages, recipients) VALUES (?1, ?2, ?3, ?4)"
    " ON CONFLICT(upstream, minute) DO UPDATE SET messages = messages + ?3, recipients = recipients + ?4";
constexpr char kLoadSpendings[] =
    "SELECT upstream, minute, messages, recipients FROM spending ORDER BY minute, upstream";
constexpr char kPurgeSpendings[] = "DELETE FROM spending WHERE minute < ?1";

// From each route to the next in the index of what is open: a million recipients of one route cost no more
// than one.
constexpr char kNarrowedRoutes[] =
    "WITH RECURSIVE states(state) AS (VALUES (0), (2)), found(state, route) AS ("
    " SELECT state, (SELECT min(route) FROM recipient AS r WHERE r.state = states.state"
    "  AND r.next_attempt IS NOT NULL) FROM states"
    " UNION ALL SELECT state, (SELECT min(route) FROM recipient AS r WHERE r.state = found.state"
    "  AND r.next_attempt IS NOT NULL AND r.route > found.route) FROM found WHERE route IS NOT NULL)"
    " SELECT route FROM found WHERE instr(route, '!') > 0";

constexpr char kInsertEvent[] = "INSERT INTO event(at, kind, subject, text) VALUES (?1, ?2, ?3, ?4)";

/// Of one step, whatever comes first: it must not keep new mail waiting.
constexpr std::int64_t kPurgeMessages = 200;
constexpr std::uint64_t kPurgeBytes = 16ULL << 20;

constexpr char kPurgeable[] =
    "SELECT id, bytes * (chunks > 0) FROM message WHERE finished <= ?1 ORDER BY finished LIMIT ?2";
constexpr char kAnyFinished[] = "SELECT 1 FROM message WHERE finished IS NOT NULL LIMIT 1";
constexpr char kDeleteMessage[] = "DELETE FROM message WHERE id = ?1";
constexpr char kKept[] =
    "SELECT id, bytes FROM message WHERE finished <= ?1 AND chunks > 0 ORDER BY finished LIMIT ?2";
constexpr char kKeptBytes[] =
    "SELECT coalesce(sum(bytes), 0) FROM message WHERE finished IS NOT NULL AND chunks > 0";
constexpr char kHeld[] = "SELECT source_uid, weight FROM message WHERE deadline IS NOT NULL";
constexpr char kForgetChunks[] = "UPDATE message SET chunks = 0 WHERE id = ?1";
// The oldest have the lowest ids: a few are looked at, not all.
constexpr char kPurgeEvents[] =
    "DELETE FROM event WHERE id IN (SELECT id FROM event ORDER BY id LIMIT 200) AND at < ?1";
constexpr char kPurgeTallies[] = "DELETE FROM tally WHERE minute < ?1";

constexpr char kPageCount[] = "PRAGMA page_count";
constexpr char kFreePages[] = "PRAGMA freelist_count";
constexpr char kShrink[] = "PRAGMA incremental_vacuum(64)";  // kShrinkBytes.
constexpr char kPageSize[] = "PRAGMA page_size";

std::string joined(const std::vector<WallTime>& moments) {
  std::string words;
  for (const WallTime moment : moments)
    words += (words.empty() ? "" : " ") + std::to_string(moment.time_since_epoch().count());
  return words;
}

/// What is no moment is left out: nothing but a guess about logins hangs on it.
std::vector<WallTime> to_moments(std::string_view words) {
  std::vector<WallTime> moments;
  for (const std::string_view word : split(words, ' '))
    if (const auto moment = parse_unsigned(word))
      moments.push_back(WallTime{Duration(static_cast<std::int64_t>(*moment))});
  return moments;
}

/// An address has no line end in it.
std::string joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += (text.empty() ? "" : "\n") + line;
  return text;
}

std::vector<std::string> to_lines(std::string_view text) {
  std::vector<std::string> lines;
  for (const std::string_view line : split(text, '\n'))
    if (!line.empty()) lines.emplace_back(line);
  return lines;
}

SqliteResult<void> delete_message(Database& database, MessageId id) {
  TRY_VOID(delete_content(database, id));
  TRY_VOID(database.run(kDeleteMessage, {id.value}));  // Recipients and attempts go with it.
  return {};
}

struct FinishedMessage {
  MessageId id;
  std::uint64_t content_bytes = 0;
};

/// The longest finished first, as many as one step takes; `purged` says how much that is.
SqliteResult<std::vector<FinishedMessage>> finished_until(Database& database, const char* which,
                                                          WallTime until, PurgeStep& purged) {
  std::vector<FinishedMessage> found;
  auto rows = TRY(database.query(which, {until, kPurgeMessages}));
  while (TRY(rows.next())) {
    found.push_back({MessageId{rows.number(0)}, static_cast<std::uint64_t>(rows.number(1))});
    purged.content_bytes += found.back().content_bytes;
    if (purged.content_bytes >= kPurgeBytes) purged.end = PurgeStep::End::Bound;
    if (purged.end == PurgeStep::End::Bound) return found;
  }
  if (static_cast<std::int64_t>(found.size()) == kPurgeMessages) purged.end = PurgeStep::End::Bound;
  return found;
}

constexpr char kFirstToExpire[] =
    "SELECT received, deadline <> expires FROM message WHERE deadline IS NOT NULL ORDER BY deadline LIMIT 1";
/// The deadline of what is held is 2^62 later.
constexpr char kBacklogCount[] =
    "SELECT count(*) FROM (SELECT 1 FROM message WHERE deadline < 4611686018427387904 LIMIT 1000)";
static_assert(kBacklogCounted == 1000);

}  // namespace

SqliteResult<void> add_tally(Database& database, WallTime now, const Tally& tally) {
  const std::int64_t minute = now.time_since_epoch().count() / kMinute;
  TRY_VOID(database.run(kAddTally, {minute, tally.accepted, tally.delivered, tally.deferred, tally.failed}));
  return {};
}

SqliteResult<std::int64_t> commits(Database& database) { return TRY(database.number(kCommits)).value_or(0); }

SqliteResult<MessageId> highest_id(Database& database) {
  return MessageId{TRY(database.number(kHighestId)).value_or(0)};
}

SqliteResult<void> set_meta(Database& database, std::int64_t commits, MessageId highest) {
  TRY_VOID(database.run(kSetMeta, {commits, highest.value}));
  return {};
}

SqliteResult<std::string> queue_token(Database& database) { return database.word(kToken); }

SqliteResult<std::string> routing_fingerprint(Database& database) { return database.word(kRouting); }

SqliteResult<void> set_routing_fingerprint(Database& database, std::string_view fingerprint) {
  TRY_VOID(database.run(kSetRouting, {fingerprint}));
  return {};
}

SqliteResult<void> save_upstream(Database& database, const UpstreamState& state) {
  TRY_VOID(database.run(kSaveUpstream, {state.name, state.trouble, state.failures, state.cooling_until,
                                        state.paused ? 1 : 0, stage_name(state.stage), state.reply.code,
                                        state.reply.enhanced, kept_reply(state.reply), state.last_success,
                                        state.secret_fingerprint, joined(state.refused_logins),
                                        state.refused_alike.words, joined(state.refused_alike.recipients)}));
  return {};
}

SqliteResult<std::vector<UpstreamState>> load_upstreams(Database& database) {
  std::vector<UpstreamState> states;
  auto rows = TRY(database.query(kLoadUpstreams));
  while (TRY(rows.next())) {
    UpstreamState state;
    state.name = rows.text(0);
    state.trouble = rows.text(1);
    state.failures = rows.small_number(2);
    state.cooling_until = rows.maybe_time(3);
    state.paused = rows.flag(4);
    state.stage = to_stage(rows.bytes(5));
    state.reply = to_reply(rows, 5);
    state.last_success = rows.maybe_time(9);
    state.secret_fingerprint = rows.text(10);
    state.refused_logins = to_moments(rows.bytes(11));
    state.refused_alike = {rows.text(12), to_lines(rows.bytes(13))};
    states.push_back(std::move(state));
  }
  return states;
}

SqliteResult<void> add_spending(Database& database, const Spending& spent) {
  const std::int64_t minute = spent.minute.time_since_epoch().count() / kMinute;
  TRY_VOID(database.run(kAddSpending, {spent.upstream, minute, static_cast<std::int64_t>(spent.messages),
                                       static_cast<std::int64_t>(spent.recipients)}));
  return {};
}

SqliteResult<std::vector<Spending>> load_spendings(Database& database) {
  std::vector<Spending> spendings;
  auto rows = TRY(database.query(kLoadSpendings));
  while (TRY(rows.next()))
    spendings.push_back({rows.text(0), WallTime{Duration(rows.number(1) * kMinute)},
                         static_cast<std::uint64_t>(rows.number(2)),
                         static_cast<std::uint64_t>(rows.number(3))});
  return spendings;
}

SqliteResult<void> purge_spendings(Database& database, WallTime until) {
  TRY_VOID(database.run(kPurgeSpendings, {until.time_since_epoch().count() / kMinute}));
  return {};
}

SqliteResult<std::vector<std::string>> load_narrowed_routes(Database& database) {
  std::vector<std::string> routes;
  auto rows = TRY(database.query(kNarrowedRoutes));
  while (TRY(rows.next())) routes.push_back(rows.text(0));
  return routes;
}

SqliteResult<void> insert_event(Database& database, WallTime at, std::string_view kind,
                                std::string_view subject, std::string_view text) {
  TRY_VOID(database.run(kInsertEvent, {at, kind, subject, text}));
  return {};
}

SqliteResult<PurgeStep> purge_messages(Database& database, WallTime until) {
  PurgeStep purged;
  for (const FinishedMessage& each : TRY(finished_until(database, kPurgeable, until, purged)))
    TRY_VOID(delete_message(database, each.id));
  return purged;
}

SqliteResult<bool> has_finished(Database& database) { return TRY(database.number(kAnyFinished)).has_value(); }

SqliteResult<PurgeStep> purge_content(Database& database, WallTime until) {
  PurgeStep purged;
  for (const FinishedMessage& each : TRY(finished_until(database, kKept, until, purged))) {
    TRY_VOID(delete_content(database, each.id));
    TRY_VOID(database.run(kForgetChunks, {each.id.value}));
  }
  return purged;
}

SqliteResult<std::uint64_t> kept_content_bytes(Database& database) {
  return static_cast<std::uint64_t>(TRY(database.number(kKeptBytes)).value_or(0));
}

SqliteResult<std::vector<ShareChange>> held_by_users(Database& database) {
  std::map<ShareUser, std::int64_t> held;
  auto rows = TRY(database.query(kHeld));
  while (TRY(rows.next())) {
    const ShareUser user =
        rows.null(0) ? std::nullopt : ShareUser(static_cast<std::uint32_t>(rows.number(0)));
    held[user] += rows.number(1);
  }
  std::vector<ShareChange> changes;
  for (const auto& [user, bytes] : held) changes.push_back({user, bytes});
  return changes;
}

SqliteResult<void> purge_events(Database& database, WallTime until) {
  TRY_VOID(database.run(kPurgeEvents, {until}));
  TRY_VOID(database.run(kPurgeTallies, {until.time_since_epoch().count() / kMinute}));
  return {};
}

SqliteResult<Backlog> backlog(Database& database) {
  auto rows = TRY(database.query(kFirstToExpire));
  // The deadline of what is held lies behind those of all others (schema.cc).
  if (!TRY(rows.next()) || rows.number(1) != 0) return Backlog{};
  const WallTime oldest = rows.time(0);
  const auto count = TRY(database.number(kBacklogCount)).value_or(0);
  return Backlog{oldest, static_cast<std::size_t>(count)};
}

SqliteResult<FileUse> file_use(Database& database) {
  const auto page = static_cast<std::uint64_t>(TRY(database.number(kPageSize)).value_or(0));
  const auto pages = static_cast<std::uint64_t>(TRY(database.number(kPageCount)).value_or(0));
  const auto free_pages = static_cast<std::uint64_t>(TRY(database.number(kFreePages)).value_or(0));
  return FileUse{.used = (pages - std::min(pages, free_pages)) * page, .free_inside = free_pages * page};
}

SqliteResult<void> shrink(Database& database) {
  TRY_VOID(database.run(kShrink));
  return {};
}

}  // namespace mailchute
