#include "store/sqlite_queue.h"

#include <algorithm>
#include <set>
#include <utility>

#include "base/exit_codes.h"
#include "base/log.h"
#include "store/claim_sql.h"
#include "store/digest_sql.h"
#include "store/draft.h"
#include "store/errand.h"
#include "store/late_sql.h"
#include "store/own_mail_sql.h"
#include "store/recover_sql.h"
#include "store/settle_sql.h"

namespace mailchute {

namespace {

/// At least this much must be free on disk whatever the reserve: room for the log to grow and be moved.
constexpr std::uint64_t kLogRoomBytes = 2 * kBallastBytes;

/// Between two lines of the log about whether new mail is taken.
constexpr std::chrono::seconds kTellingPause{10};

/// How old the gauges may grow while mail comes in.
constexpr std::chrono::seconds kGaugeAge{1};

/// Free pages that the file may hold without giving them back to the disk.
constexpr std::uint64_t kFreeInsideKept = 64ULL << 20;

/// Longer than the longest window of a rate, a day.
constexpr Duration kSpendingsKept = std::chrono::hours(25);

QueueResult<void> done() { return {}; }

/// A notice has been stored, which is due at once.
void note_arrival(BatchNotes& notes, MessageId id) {
  notes.highest = std::max(notes.highest, id);
  notes.arrivals = true;
}

SqliteResult<QueueResult<void>> settle_all(Store& store, const Settlement& settlement) {
  const Settled settled = TRY(settle(store.database(), settlement, store.now(), store.finished_content()));
  BatchNotes& notes = store.notes();
  notes.tally.delivered += settled.delivered;
  notes.tally.deferred += settled.deferred;
  notes.tally.failed += settled.failed;
  notes.note(settled.finished);
  if (settled.notice_queued) note_arrival(notes, settlement.notice->message.id);
  return done();
}

SqliteResult<QueueResult<ToldLate>> tell_late_now(Store& store, WallTime received_until,
                                                  const std::vector<MessageId>& ids, WriteLate& write) {
  auto told = TRY(tell_late(store.database(), received_until, ids, write));
  for (const ToldLate::Notice& notice : told.notices) note_arrival(store.notes(), notice.id);
  return QueueResult<ToldLate>(std::move(told));
}

SqliteResult<QueueResult<std::size_t>> tell_digest_now(Store& store, const DigestKey& key,
                                                       WriteDigest& write) {
  WriteDigest noting = [&store, &write](const Digest& digest) {
    OwnMessage notice = write(digest);
    note_arrival(store.notes(), notice.message.id);
    return notice;
  };
  return QueueResult<std::size_t>(TRY(tell_digest(store.database(), key, noting)));
}

/// After a backlog the file is mostly free pages; the usual ebb and flow keeps them.
SqliteResult<void> give_back_room(Database& database) {
  const FileUse use = TRY(file_use(database));
  if (use.free_inside <= std::max(kFreeInsideKept, use.used)) return {};
  return shrink(database);
}

SqliteResult<QueueResult<SqliteQueue::Purged>> purge_some(Store& store) {
  Database& database = store.database();
  const QueueOptions& options = store.options();
  const WallTime now = store.now();
  const PurgeStep records = TRY(purge_messages(database, now - options.history));
  const PurgeStep content = TRY(purge_content(database, now - options.history_bodies));
  store.notes().note(records);
  store.notes().note(content);
  TRY_VOID(purge_events(database, now - options.history));
  TRY_VOID(purge_spendings(database, now - kSpendingsKept));
  TRY_VOID(give_back_room(database));
  const bool more = records.end == PurgeStep::End::Bound || content.end == PurgeStep::End::Bound;
  return QueueResult<SqliteQueue::Purged>(more ? SqliteQueue::Purged::MoreWaits : SqliteQueue::Purged::All);
}

/// What earlier runs have left, or why it cannot be read.
template <typename T>
Result<T> kept(SqliteResult<T> read, const std::string& path) {
  if (!read) return fail("cannot read queue " + path + ": " + read.error().text, exit_code::kInputOutput);
  return std::move(*read);
}

}  // namespace

Result<std::unique_ptr<SqliteQueue>> SqliteQueue::open(const QueueOptions& options, Poster post,
                                                       const Clock& clock) {
  auto store = TRY(Store::open(options, clock));
  Database& database = store->database();
  UpstreamMemory memory;
  memory.states = TRY(kept(mailchute::load_upstreams(database), options.path));
  memory.spendings = TRY(kept(mailchute::load_spendings(database), options.path));
  memory.narrowed_routes = TRY(kept(mailchute::load_narrowed_routes(database), options.path));
  auto token = TRY(kept(mailchute::queue_token(database), options.path));
  std::unique_ptr<SqliteQueue> queue(
      new SqliteQueue(options, clock, *store, std::move(memory), std::move(token)));
  TRY_VOID(queue->start(std::move(store), std::move(post)));
  return queue;
}

Result<void> SqliteQueue::start(std::unique_ptr<Store> store, Poster post) {
  auto tell = lifeline_.bind([this](const BatchNews& news) { hear(news); });
  thread_ = std::make_unique<StoreThread>(std::move(store), std::move(post), tell);
  measured_ = clock_.steady();
  return thread_->start();
}

void SqliteQueue::hear(const BatchNews& news) {
  for (const ShareChange& change : news.shares) shares_.change(change);
  if (news.arrivals && arrives_) arrives_();
  if (!news.broken.empty() && broken_) std::exchange(broken_, nullptr)(news.broken);
}

void SqliteQueue::reconfigure(QueueOptions options) {
  options.path = options_.path;
  options_ = options;
  auto work = [options = std::move(options)](Store& store) -> SqliteResult<QueueResult<void>> {
    store.set_options(options);
    return done();
  };
  thread_->submit(make_job<void>(Need::Nothing, std::move(work), nullptr));
}

void SqliteQueue::purge(UniqueFunction<void(QueueResult<Purged>)> then) {
  thread_->submit(make_job<Purged>(Need::Little, &purge_some, std::move(then)));
}

void SqliteQueue::backlog(UniqueFunction<void(QueueResult<Backlog>)> then) {
  auto work = [](Store& store) -> SqliteResult<QueueResult<Backlog>> {
    return QueueResult<Backlog>(TRY(mailchute::backlog(store.database())));
  };
  thread_->submit(make_job<Backlog>(Need::Little, std::move(work), std::move(then)));
}

void SqliteQueue::own_mail(std::optional<std::uint32_t> uid, Place from,
                           UniqueFunction<void(QueueResult<OwnMailPage>)> then) {
  auto work = [uid, from](Store& store) -> SqliteResult<QueueResult<OwnMailPage>> {
    return QueueResult<OwnMailPage>(TRY(mailchute::own_mail(store.database(), uid, from)));
  };
  thread_->submit(make_job<OwnMailPage>(Need::Little, std::move(work), std::move(then)));
}

void SqliteQueue::record_event(std::string kind, std::string subject, std::string text) {
  auto work = [kind = std::move(kind), subject = std::move(subject),
               text = std::move(text)](Store& store) -> SqliteResult<QueueResult<void>> {
    TRY_VOID(insert_event(store.database(), store.now(), kind, subject, text));
    return done();
  };
  thread_->submit(make_job<void>(Need::Little, std::move(work), nullptr));
}

std::unique_ptr<Draft> SqliteQueue::open(MessageId id, std::optional<std::uint32_t> uid) {
  auto submit = lifeline_.bind([this](std::unique_ptr<Job> job) { thread_->submit(std::move(job)); });
  auto use = lifeline_.bind([this, uid](RoomUse& room) { use_room(uid, room); });
  return std::make_unique<StoreDraft>(id, std::move(submit), std::move(use));
}

void SqliteQueue::use_room(ShareUser user, RoomUse& use) {
  waiting_bytes_ += use.waiting;
  use.crowded = waiting_bytes_ > kWaitingBytes;
  if (use.bytes != 0 || use.held != 0) use_share(user, use);
}

void SqliteQueue::use_share(ShareUser user, RoomUse& use) {
  shares_.change({user, use.bytes});
  const std::uint64_t left = room_left();
  if (!shares_.spent(user, left, use.held)) return;
  // Where nothing is left it is not this user's doing alone.
  use.refused = left == 0 ? QueueFault::Kind::NoSpace : QueueFault::Kind::UserShare;
  if (left > 0) tell_spent(user);
}

void SqliteQueue::claim(std::vector<Lane> lanes, WallTime now,
                        UniqueFunction<void(QueueResult<Claimed>)> then) {
  auto work = [lanes = std::move(lanes), now](Store& store) -> SqliteResult<QueueResult<Claimed>> {
    return QueueResult<Claimed>(TRY(mailchute::claim(store.database(), lanes, now)));
  };
  thread_->submit(make_job<Claimed>(Need::Little, std::move(work), std::move(then)));
}

void SqliteQueue::claim_expired(WallTime now, std::size_t parcels_max,
                                UniqueFunction<void(QueueResult<Claimed>)> then) {
  auto work = [now, parcels_max](Store& store) -> SqliteResult<QueueResult<Claimed>> {
    return QueueResult<Claimed>(TRY(mailchute::claim_expired(store.database(), now, parcels_max)));
  };
  thread_->submit(make_job<Claimed>(Need::Little, std::move(work), std::move(then)));
}

void SqliteQueue::last_replies(MessageId id, UniqueFunction<void(QueueResult<std::vector<LastReply>>)> then) {
  using Replies = std::vector<LastReply>;
  auto work = [id](Store& store) -> SqliteResult<QueueResult<Replies>> {
    auto replies = TRY(mailchute::last_replies(store.database(), id));
    if (replies.empty())
      return QueueResult<Replies>(tl::unexpected(QueueFault{QueueFault::Kind::NotFound, "no such message"}));
    return QueueResult<Replies>(std::move(replies));
  };
  thread_->submit(make_job<Replies>(Need::Little, std::move(work), std::move(then)));
}

void SqliteQueue::give_back(const Parcel& parcel) {
  std::vector<std::int64_t> rows;
  for (const ParcelRecipient& recipient : parcel.recipients) rows.push_back(recipient.row);
  auto work = [id = parcel.id, rows = std::move(rows)](Store& store) -> SqliteResult<QueueResult<void>> {
    TRY_VOID(mailchute::give_back(store.database(), id, rows));
    return done();
  };
  // Certain: a recipient that stayed Sending would wait for the next start.
  thread_->submit(make_job<void>(Need::Certain, std::move(work), nullptr));
}

void SqliteQueue::mark_sent(MessageId id, const std::vector<std::int64_t>& rows) {
  for (const std::int64_t row : rows) marks_.set(id, row);
}

void SqliteQueue::doubt(MessageId id, std::vector<std::int64_t> rows) {
  auto work = [id, rows = std::move(rows)](Store& store) -> SqliteResult<QueueResult<void>> {
    for (const std::int64_t row : rows) TRY_VOID(mailchute::doubt(store.database(), id, row));
    return done();
  };
  thread_->submit(make_job<void>(Need::Little, std::move(work), nullptr));
}

void SqliteQueue::settle(Settlement settlement, UniqueFunction<void(QueueResult<void>)> then) {
  const std::size_t bytes = settlement.notice ? settlement.notice->content.size() : 0;
  std::vector<std::int64_t> rows;
  for (const RecipientSettlement& end : settlement.recipients) rows.push_back(end.row);
  auto committed = lifeline_.bind([this, id = settlement.id, rows = std::move(rows),
                                   then = std::move(then)](QueueResult<void> result) mutable {
    if (result)
      for (const std::int64_t row : rows) marks_.clear(id, row);
    then(std::move(result));
  });
  auto work = [settlement = std::move(settlement)](Store& store) { return settle_all(store, settlement); };
  thread_->submit(make_job<void>(Need::Certain, std::move(work), std::move(committed), bytes));
}

void SqliteQueue::tell_late(WallTime received_until, std::vector<MessageId> ids, WriteLate write,
                            UniqueFunction<void(QueueResult<ToldLate>)> then) {
  auto work = [received_until, ids = std::move(ids), write = std::move(write)](Store& store) mutable {
    return tell_late_now(store, received_until, ids, write);
  };
  thread_->submit(make_job<ToldLate>(Need::Little, std::move(work), std::move(then)));
}

void SqliteQueue::open_digests(UniqueFunction<void(QueueResult<std::vector<DigestDue>>)> then) {
  using Open = std::vector<DigestDue>;
  auto work = [](Store& store) -> SqliteResult<QueueResult<Open>> {
    return QueueResult<Open>(TRY(mailchute::open_digests(store.database())));
  };
  thread_->submit(make_job<Open>(Need::Little, std::move(work), std::move(then)));
}

void SqliteQueue::tell_digest(DigestKey key, WriteDigest write,
                              UniqueFunction<void(QueueResult<std::size_t>)> then) {
  auto work = [key = std::move(key), write = std::move(write)](Store& store) mutable {
    return tell_digest_now(store, key, write);
  };
  thread_->submit(make_job<std::size_t>(Need::Little, std::move(work), std::move(then)));
}

void SqliteQueue::read_chunk(MessageId id, std::int64_t number,
                             UniqueFunction<void(QueueResult<std::string>)> then) {
  auto work = [id, number](Store& store) {
    return mailchute::read_chunk(store.database(), id, number, store.now());
  };
  thread_->submit(make_job<std::string>(Need::Little, std::move(work), std::move(then)));
}

// The state counts the logins that are waited for: once it is on disk, the marks of before say nothing more.
void SqliteQueue::save_upstream(UpstreamState state) {
  const SentMarks::Mark login = SentMarks::login(state.name);
  auto saved = lifeline_.bind([this, login, marked = marks_.count(login)](const QueueResult<void>& result) {
    for (std::size_t i = 0; result && i < marked; ++i) marks_.clear(login);
  });
  auto work = [state = std::move(state)](Store& store) -> SqliteResult<QueueResult<void>> {
    TRY_VOID(mailchute::save_upstream(store.database(), state));
    return done();
  };
  thread_->submit(make_job<void>(Need::Little, std::move(work), std::move(saved)));
}

void SqliteQueue::reroute(std::vector<std::string> known, std::string routing_fingerprint,
                          UniqueFunction<std::string(const std::optional<Mailbox>&, const Mailbox&)> choose,
                          UniqueFunction<void(QueueResult<std::size_t>)> then) {
  std::set<std::string> routes(known.begin(), known.end());
  auto submit = lifeline_.bind([this](std::unique_ptr<Job> job) { thread_->submit(std::move(job)); });
  start_reroute(submit, std::move(routes), std::move(routing_fingerprint), std::move(choose),
                std::move(then));
}

void SqliteQueue::operate(Operation operation, Selection selection,
                          UniqueFunction<void(QueueResult<std::size_t>)> then) {
  auto submit = lifeline_.bind([this](std::unique_ptr<Job> job) { thread_->submit(std::move(job)); });
  start_operation(submit, operation, std::move(selection), std::move(then));
}

Admission SqliteQueue::admission() {
  const Admission now = measured_admission();
  tell(now);
  return now;
}

// What stands at the threshold crosses it often: a change is told when the last one was told a while ago. A
// broken queue has a line of its own.
void SqliteQueue::tell(Admission now) {
  if (now == told_ || now == Admission::Broken) return;
  if (told_at_ && clock_.steady() - *told_at_ < kTellingPause) return;
  told_ = now;
  told_at_ = clock_.steady();
  switch (now) {
    case Admission::DiskReserve:
      return log::admission_changed("refused (452): the disk has less free than queue.reserve");
    case Admission::QueueFull:
      return log::admission_changed("refused (452): the queue holds queue.max_bytes");
    case Admission::Open:
    case Admission::UserShare:
    case Admission::Broken: return log::admission_changed("taken again");
  }
}

Admission SqliteQueue::admission_of(std::optional<std::uint32_t> uid) {
  const Admission now = admission();
  if (now != Admission::Open || !shares_.spent(uid, room_left())) return now;
  tell_spent(uid);
  return Admission::UserShare;
}

void SqliteQueue::tell_spent(ShareUser user) {
  if (spent_told_at_ && clock_.steady() - *spent_told_at_ < kTellingPause) return;
  spent_told_at_ = clock_.steady();
  log::share_spent(user, shares_.held(user), room_left());
}

std::optional<Shares::Holding> SqliteQueue::spent_share() const {
  const auto largest = shares_.largest();
  return largest && shares_.spent(largest->user, room_left()) ? largest : std::nullopt;
}

/// What may still come in before all are refused.
std::uint64_t SqliteQueue::room_left() const {
  const Gauges& gauges = thread_->gauges();
  const std::uint64_t kept = gauges.kept;
  const std::uint64_t used = gauges.used - std::min<std::uint64_t>(gauges.used, kept);
  const std::uint64_t free_bytes = gauges.free_bytes + gauges.free_inside + kept;
  return std::min(options_.max_bytes - std::min(options_.max_bytes, used),
                  free_bytes - std::min(options_.reserve, free_bytes));
}

Admission SqliteQueue::measured_admission() {
  const Gauges& gauges = thread_->gauges();
  if (gauges.broken) return Admission::Broken;
  refresh_gauges();
  // Room inside the file is room for mail too, but never the log's: without some free disk nothing can be
  // committed.
  const std::uint64_t free_bytes = gauges.free_bytes;
  if (gauges.cramped || free_bytes < std::min(options_.reserve, kLogRoomBytes)) return Admission::DiskReserve;
  // Content of finished messages is about to give way (Store::make_way).
  const std::uint64_t kept = gauges.kept;
  if (free_bytes + gauges.free_inside + kept < options_.reserve) return Admission::DiskReserve;
  return gauges.used < options_.max_bytes + kept ? Admission::Open : Admission::QueueFull;
}

/// The store measures after each batch; this makes it do so when no batch comes, so that a disk with room
/// again is noticed.
void SqliteQueue::refresh_gauges() {
  const SteadyTime now = clock_.steady();
  if (now - measured_ < kGaugeAge) return;
  measured_ = now;
  thread_->submit(make_job<void>(
      Need::Nothing, [](Store&) { return SqliteResult<QueueResult<void>>(done()); }, nullptr));
}

void SqliteQueue::ping(UniqueFunction<void()> then) {
  auto answered = [then = std::move(then)](QueueResult<void>) mutable { then(); };
  thread_->submit(make_job<void>(
      Need::Nothing, [](Store&) { return SqliteResult<QueueResult<void>>(done()); }, std::move(answered)));
}

}  // namespace mailchute
