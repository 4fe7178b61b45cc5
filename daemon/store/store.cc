#include "store/store.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/exit_codes.h"
#include "base/log.h"
#include "base/text.h"
#include "store/accept_sql.h"
#include "store/claim_sql.h"
#include "store/gathered_log.h"
#include "store/schema.h"
#include "store/system.h"
#include "store/way.h"

namespace mailchute {

namespace {

/// Pages of the log after which it is moved into the database: 4 MiB, a few milliseconds of work.
constexpr int kCheckpointPages = 1000;
/// While there is no ballast the log is moved after every commit: others may take the last free page at any
/// moment.
constexpr int kCrampedLogPages = 1;
constexpr std::uint64_t kPageBytes = 4096;
/// Between two batches; each writes and syncs.
constexpr int kShrinkSteps = 8;
/// Content of finished messages gives way while less than this is left for new mail.
constexpr std::uint64_t kMarginBytes = 32ULL << 20;
/// A reader that stays in one snapshot lets the log grow; someone should know before the disk does. 64 MiB.
constexpr int kLogAlarmPages = 16'384;
/// A whole check of a file this small costs less than the restart it happens in.
constexpr std::int64_t kQuickCheckBytes = 32LL << 20;

/// A setting, and what it must be when read back: durability rests on them, and SQLite ignores what it does
/// not know.
struct Pragma {
  const char* set;
  const char* read;
  const char* expected;
};
constexpr std::array<Pragma, 11> kPragmas = {{
    {"PRAGMA journal_mode = WAL", "PRAGMA journal_mode", "wal"},
    {"PRAGMA synchronous = FULL", "PRAGMA synchronous", "2"},
    {"PRAGMA foreign_keys = ON", "PRAGMA foreign_keys", "1"},
    {"PRAGMA trusted_schema = OFF", "PRAGMA trusted_schema", "0"},
    {"PRAGMA cell_size_check = ON", "PRAGMA cell_size_check", "1"},
    {"PRAGMA mmap_size = 0", "PRAGMA mmap_size", "0"},
    // FAST: what is deleted is overwritten where that costs no extra write.
    {"PRAGMA secure_delete = FAST", "PRAGMA secure_delete", "2"},
    {"PRAGMA temp_store = MEMORY", "PRAGMA temp_store", "2"},
    // 2 MiB: the upper pages of the indexes of 100,000 queued messages, not their content.
    {"PRAGMA cache_size = -2048", "PRAGMA cache_size", "-2048"},
    // What a long log leaves behind on disk once it is moved.
    {"PRAGMA journal_size_limit = 16777216", "PRAGMA journal_size_limit", "16777216"},
    {"PRAGMA locking_mode = NORMAL", "PRAGMA locking_mode", "normal"},
}};

constexpr char kQuickCheck[] = "PRAGMA quick_check(1)";
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

Result<void> check_folder(const std::string& path) {
  const std::string folder = folder_of(path);
  if (::access(folder.c_str(), W_OK | X_OK) == 0) return {};
  return fail("cannot write in the queue's folder " + folder + ": " + errno_text(), exit_code::kPermission);
}

/// A log without its database would be read into a new one.
Result<void> check_no_stray_log(const std::string& path) {
  struct stat facts {};
  if (::lstat((path + "-wal").c_str(), &facts) != 0 || facts.st_size == 0) return {};
  return fail("refusing queue " + path + ": it is missing, but its log " + path +
                  "-wal is there; put the database back, or move both away",
              exit_code::kBadData);
}

Result<QueueFile> find_or_create(const QueueOptions& options, const QueueLock& lock) {
  auto found = TRY(QueueFile::look(options.path));
  if (found) return std::move(*found);
  TRY_VOID(check_no_stray_log(options.path));
  if (lock.noted_commits() > 0) {
    log::note(log::Level::Error, "queue_missing",
              options.path + " has gone since the last run; a new, empty queue is made");
    lock.note_commits(0);
  }
  TRY_VOID(create_queue(options.path, options.vfs));
  found = TRY(QueueFile::look(options.path));
  if (!found) return fail("cannot create queue " + options.path + ": it vanished", exit_code::kInputOutput);
  return std::move(*found);
}

Result<void> apply(Database& database, const std::string& path, const Pragma& pragma) {
  auto set = database.script(pragma.set);
  auto read =
      set ? database.word(pragma.read) : SqliteResult<std::string>(tl::unexpected(std::move(set.error())));
  if (!read)
    return fail("cannot open queue " + path + ": " + pragma.set + ": " + read.error().text,
                exit_code::kInputOutput);
  if (*read == pragma.expected) return {};
  return fail("cannot open queue " + path + ": " + pragma.set + " reads back as " + *read,
              exit_code::kInputOutput);
}

Result<void> check_integrity(Database& database, const std::string& path, std::int64_t bytes) {
  if (bytes > kQuickCheckBytes) return {};
  const auto verdict = database.word(kQuickCheck);
  const std::string words = verdict ? *verdict : verdict.error().text;
  if (words == "ok") return {};
  return fail(
      "refusing queue " + path + ": the database is damaged: " + words + "; the file was left as it is",
      exit_code::kBadData);
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

Result<std::unique_ptr<Store>> Store::open(QueueOptions options, const Clock& clock) {
  TRY_VOID(check_folder(options.path));
  TRY_VOID(check_way_to(folder_of(options.path)));
  auto lock = TRY(QueueLock::take(options.path));
  auto file = TRY(find_or_create(options, lock));
  auto database = Database::open(options.path, Database::Mode::ReadWrite, gathering_vfs(options.vfs));
  if (!database)
    return fail("cannot open queue " + options.path + ": " + database.error().text, exit_code::kInputOutput);
  if (!file.in_place())
    return fail("cannot open queue " + options.path + ": it was replaced while being opened",
                exit_code::kInputOutput);
  std::unique_ptr<Store> store(
      new Store(std::move(options), clock, std::move(lock), std::move(file), std::move(*database)));
  TRY_VOID(store->prepare());
  return store;
}

Result<void> Store::prepare() {
  database_.wait_when_busy(options_.busy_patience);
  TRY_VOID(check_schema(database_, options_.path));
  TRY_VOID(check_integrity(database_, options_.path, file_.bytes()));
  for (const Pragma& pragma : kPragmas) TRY_VOID(apply(database_, options_.path, pragma));
  TRY_VOID(migrate(database_, options_.path));
  open_marks();
  auto recovered = recover();
  if (!recovered && trouble_of(recovered.error()) == Trouble::Full) {
    // Not a page is free: the ballast's room is for this. What is queued can then be delivered, which makes
    // room.
    if (make_room()) recovered = recover();
  }
  if (!recovered)
    return fail("cannot open queue " + options_.path + ": " + recovered.error().text,
                exit_code::kInputOutput);
  if (const auto counted = count_what_is_there(); !counted)
    return fail("cannot read queue " + options_.path + ": " + counted.error().text, exit_code::kInputOutput);
  const std::string warning = frail_file_system(options_.path).english;
  if (!warning.empty())
    log::note(log::Level::Warning, "queue_disk", folder_of(options_.path) + " " + warning);
  return {};
}

SqliteResult<void> Store::count_what_is_there() {
  kept_bytes_ = TRY(kept_content_bytes(database_));
  held_ = TRY(held_by_users(database_));
  return {};
}

/// Without them the queue works; it only knows less after a crash.
void Store::open_marks() {
  auto marks = SentMarks::open(options_.path);
  if (!marks) return log::note(log::Level::Warning, "queue_marks", marks.error().text);
  marks_ = std::move(*marks);
}

SqliteResult<void> Store::recover() {
  TRY_VOID(begin());
  std::vector<Doubted> doubted;
  auto work = [this, &doubted]() -> SqliteResult<void> {
    commits_ = TRY(commits(database_));
    tell_what_is_missing();
    TRY_VOID(delete_orphans(database_));
    doubted = TRY(reclaim_all());
    highest_ = TRY(highest_id(database_));
    // Always a change: from now on there is a log, and a start without it means that it was lost.
    return set_meta(database_, commits_, highest_);
  };
  auto done = work();
  if (!done) {
    roll_back();
    return done;
  }
  TRY_VOID(commit());
  file_.watch_log();
  marks_.clear_all();
  for (const Doubted& each : doubted)
    log::uncertain({each.id.text(), {}, printable(each.address), each.upstream}, {kEndedBeforeReply});
  return {};
}

/// Everything that was being sent; returns what may come twice.
SqliteResult<std::vector<Doubted>> Store::reclaim_all() {
  for (const SentMarks::Mark& mark : marks_.left())
    TRY_VOID(SentMarks::is_login(mark) ? count_login(database_, mark, now())
                                       : doubt(database_, MessageId{mark.message}, mark.row));
  auto doubted = TRY(reclaim_doubted(database_, options_.uncertain, now()));
  recovered_ = doubted.size() + static_cast<std::size_t>(TRY(reclaim(database_)));
  return doubted;
}

void Store::tell_what_is_missing() const {
  const std::int64_t noted = lock_.noted_commits();
  if (noted <= commits_) return;
  log::note(log::Level::Error, "queue_older",
            options_.path + " lacks its last " + std::to_string(noted - commits_) +
                " commits: an older copy was put in its place, or its -wal file was deleted; accepted mail "
                "may be lost and "
                "delivered mail may be sent again");
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
  if (!file_.in_place()) return inconsistent(options_.path + " was removed or replaced while in use");
  log_lost_ = !file_.log_in_place();
  if (log_lost_) return inconsistent(options_.path + "-wal was removed or replaced while in use");
  if (!notes_.tally.empty()) TRY_VOID(add_tally(database_, now(), notes_.tally));
  return set_meta(database_, commits_ + 1, notes_.highest);
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

SqliteResult<void> Store::keep_log_short() {
  const int pages = database_.wal_pages();
  if (pages < pages_seen_) checkpoint_at_ = 0;  // The log has begun anew.
  pages_seen_ = pages;
  if (pages < std::max(checkpoint_at_, log_pages_max())) return {};
  TRY_VOID(database_.checkpoint());
  // With a reader in the way the rest waits for as many pages again, not for the next commit.
  checkpoint_at_ = pages + log_pages_max();
  if (pages >= kLogAlarmPages && !log_alarm_) {
    log::note(log::Level::Warning, "queue_log",
              options_.path + "-wal grows: a reader keeps an old state of the queue open");
  }
  log_alarm_ = pages >= kLogAlarmPages;
  return {};
}

/// The ballast must hold what the database grows by when the whole log is moved into it.
int Store::log_pages_max() const {
  if (!space_.ballasted()) return kCrampedLogPages;
  return std::min(kCheckpointPages, static_cast<int>(space_.ballast_bytes() / kPageBytes / 2));
}

SqliteResult<void> Store::make_room() {
  space_.release();
  auto moved = database_.checkpoint();
  if (!moved && trouble_of(moved.error()) == Trouble::Broken) return tl::unexpected(std::move(moved.error()));
  return {};
}

SqliteResult<void> Store::shrink_when_cramped() {
  for (int step = 0; step < kShrinkSteps; ++step) {
    if (space_.restore() || !space_.short_of_ballast()) return {};
    if (TRY(file_use(database_)).free_inside < kShrinkBytes) return {};
    TRY_VOID(shrink(database_));
    use_.reset();
    TRY_VOID(database_.checkpoint());  // Only this cuts the file.
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
    room.used = use_->used;
    room.free_inside = use_->free_inside;
  }
  return room;
}

void Store::abandon() {
  roll_back();
  if (!log_lost_) database_.forbid_checkpoint_on_close();  // else: closing saves what only we can still read
}

}  // namespace mailchute
