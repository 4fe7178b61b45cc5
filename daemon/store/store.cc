#include "store/store.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/log.h"

namespace mailchute {

namespace {

/// Pages of the log after which it is moved into the database: 4 MiB, a few milliseconds of work.
constexpr int kCheckpointPages = 1000;
/// While there is no ballast the log is moved after every commit: others may take the last free page at any
/// moment.
constexpr int kCrampedLogPages = 1;
constexpr std::uint64_t kPageBytes = 4096;
/// Of the log's own, and of each page in it (the file format of SQLite, 4.1 and 4.2).
constexpr std::int64_t kLogHeadBytes = 32;
constexpr std::int64_t kLogPageHeadBytes = 24;
/// Between two batches; each writes and syncs.
constexpr int kShrinkSteps = 8;
/// Content of finished messages gives way while less than this is left for new mail.
constexpr std::uint64_t kMarginBytes = 32ULL << 20;
/// A reader that stays in one snapshot lets the log grow; someone should know before the disk does. 64 MiB.
constexpr int kLogAlarmPages = 16'384;
/// Then it is tried this often, also when nothing is added to it.
constexpr std::chrono::seconds kLogPause{10};

constexpr char kBegin[] = "BEGIN IMMEDIATE";
constexpr char kMark[] = "SAVEPOINT job";
constexpr char kReleaseMark[] = "RELEASE job";
constexpr char kUndo[] = "ROLLBACK TO job";
constexpr char kCommit[] = "COMMIT";
constexpr char kRollBack[] = "ROLLBACK";

std::uint64_t changed_by(std::uint64_t bytes, std::int64_t change) {
  const auto by = static_cast<std::uint64_t>(change < 0 ? -change : change);
  return change < 0 ? bytes - std::min(bytes, by) : bytes + by;
}

}  // namespace

void BatchNotes::note(const std::optional<Finished>& finished) {
  if (!finished) return;
  if (finished->share.bytes != 0) shares.push_back(finished->share);
  kept_bytes_change += static_cast<std::int64_t>(finished->kept_bytes);
}

void BatchNotes::note(const PurgeStep& purged) {
  kept_bytes_change -= static_cast<std::int64_t>(purged.content_bytes);
}

FinishedContent Store::finished_content() const {
  return options_.history_bodies > Duration::zero() ? FinishedContent::Kept : FinishedContent::Deleted;
}

SqliteResult<void> Store::begin() {
  notes_ = BatchNotes{};
  changes_at_begin_ = database_.changes_so_far();
  TRY_VOID(database_.run(kBegin));
  return {};
}

SqliteResult<void> Store::mark() {
  marked_notes_ = notes_;
  TRY_VOID(database_.run(kMark));
  return {};
}

SqliteResult<void> Store::release_mark() {
  TRY_VOID(database_.run(kReleaseMark));
  return {};
}

SqliteResult<void> Store::undo_to_mark() {
  notes_ = marked_notes_;
  if (!database_.in_transaction()) return inconsistent("the transaction ended by itself");
  TRY_VOID(database_.run(kUndo));
  return release_mark();
}

SqliteResult<void> Store::commit() {
  const bool changed = database_.changes_so_far() != changes_at_begin_;
  auto done = changed ? write_notes() : SqliteResult<void>();
  // Asked here, where the lock that the question needs is held already.
  if (done && changed) done = measure_file();
  if (done) {
    auto committed = database_.run(kCommit);
    if (!committed) done = tl::unexpected(std::move(committed.error()));
  }
  if (!done) {
    roll_back();
    return done;
  }
  if (!changed) return {};
  kept_bytes_ = changed_by(kept_bytes_, notes_.kept_bytes_change);
  ++commits_;
  lock_.note_commits(commits_);
  return {};
}

SqliteResult<void> Store::write_notes() {
  TRY_VOID(check_files());
  if (!notes_.tally.empty()) TRY_VOID(add_tally(database_, now(), notes_.tally));
  return set_meta(database_, commits_ + 1, notes_.highest);
}

SqliteResult<void> Store::check_files() {
  if (!file_.in_place())
    return inconsistent(options_.path + " was removed, replaced or cut short while in use");
  switch (file_.log(log_bytes())) {
    case QueueFile::Log::InPlace: return {};
    case QueueFile::Log::Cut: return inconsistent(options_.path + "-wal was cut short while in use");
    case QueueFile::Log::Gone: break;
  }
  log_lost_ = true;
  return inconsistent(options_.path + "-wal was removed or replaced while in use");
}

/// At least so long is the log since its last commit.
std::int64_t Store::log_bytes() const {
  return kLogHeadBytes + database_.wal_pages() * (kLogPageHeadBytes + page_bytes_);
}

SqliteResult<void> Store::measure_file() {
  use_ = TRY(file_use(database_));
  return {};
}

void Store::roll_back() {
  notes_ = BatchNotes{};
  use_.reset();
  // An error may have rolled back by itself; and when this fails, the next BEGIN tells.
  if (database_.in_transaction()) (void)database_.run(kRollBack);
}

SqliteResult<void> Store::checkpoint() {
  log_tried_ = clock_.steady();
  log_kept_ = !TRY(database_.checkpoint());
  file_.note_length();
  return {};
}

SqliteResult<void> Store::keep_log_short() {
  const int pages = database_.wal_pages();
  if (pages < pages_seen_) checkpoint_at_ = 0;  // The log has begun anew.
  pages_seen_ = pages;
  const bool again = log_excess() > 0 && clock_.steady() - log_tried_ >= kLogPause;
  if (pages < std::max(checkpoint_at_, log_pages_max()) && !again) return {};
  TRY_VOID(checkpoint());
  // With a reader in the way the rest waits for as many pages again, not for the next commit.
  checkpoint_at_ = pages + log_pages_max();
  if (pages >= kLogAlarmPages && !log_alarm_) {
    log::note(log::Level::Warning, "queue_log",
              options_.path + "-wal grows: a reader keeps an old state of the queue open");
  }
  log_alarm_ = pages >= kLogAlarmPages;
  return {};
}

/// What a reader of an old state costs: counted as the queue's, its growth ends where the queue's does.
std::uint64_t Store::log_excess() const {
  const int more = database_.wal_pages() - kLogAlarmPages;
  return log_kept_ && more > 0 ? static_cast<std::uint64_t>(more * page_bytes_) : 0;
}

/// The ballast must hold what the database grows by when the whole log is moved into it.
int Store::log_pages_max() const {
  if (!space_.ballasted()) return kCrampedLogPages;
  return std::min(kCheckpointPages, static_cast<int>(space_.ballast_bytes() / kPageBytes / 2));
}

SqliteResult<void> Store::make_room() {
  space_.release();
  auto moved = checkpoint();
  if (!moved && trouble_of(moved.error()) == Trouble::Broken) return tl::unexpected(std::move(moved.error()));
  return {};
}

SqliteResult<void> Store::shrink_when_cramped() {
  for (int step = 0; step < kShrinkSteps; ++step) {
    if (space_.restore() || !space_.short_of_ballast()) return {};
    if (TRY(file_use(database_)).free_inside < kShrinkBytes) return {};
    TRY_VOID(shrink(database_));
    use_.reset();
    TRY_VOID(checkpoint());  // Only this cuts the file.
  }
  return {};
}

// Before new mail meets the bound: one batch may bring a few MiB.
bool Store::short_of_room() {
  if (space_.short_of_ballast()) return true;
  return over_bound() || (use_ && space_.free_bytes() + use_->free_inside < options_.reserve + margin());
}

bool Store::over_bound() {
  if (!use_ && !measure_file()) return false;
  return use_->used + margin() > options_.max_bytes;
}

std::uint64_t Store::margin() const { return std::min(kMarginBytes, options_.max_bytes / 8); }

/// Records give way to the queue's own bound only: on a disk that others fill, what happened is what is asked
/// for.
SqliteResult<bool> Store::must_forget() {
  if (kept_bytes_ > 0 || !over_bound()) return false;
  return has_finished(database_);
}

SqliteResult<void> Store::make_way() {
  const bool content = kept_bytes_ > 0 && short_of_room();
  if (!content && !TRY(must_forget())) return {};
  TRY_VOID(begin());
  auto purged = content ? purge_content(database_, now()) : purge_messages(database_, now());
  if (!purged) {
    roll_back();
    return tl::unexpected(std::move(purged.error()));
  }
  notes_.note(*purged);
  return commit();
}

Room Store::measure() {
  Room room;
  room.cramped = !space_.restore() && space_.short_of_ballast();
  room.free_bytes = space_.free_bytes();
  room.kept = kept_bytes_;
  if (use_ || measure_file()) {
    room.used = use_->used + log_excess();
    room.free_inside = use_->free_inside;
  }
  return room;
}

void Store::abandon() {
  roll_back();
  if (!log_lost_) database_.forbid_checkpoint_on_close();  // else: closing saves what only we can still read
}

}  // namespace mailchute
