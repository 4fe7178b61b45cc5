// Opening a queue: what is refused, what is read back, and what an earlier process left behind.
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <utility>

#include "base/exit_codes.h"
#include "base/log.h"
#include "base/text.h"
#include "store/accept_sql.h"
#include "store/gathered_log.h"
#include "store/schema.h"
#include "store/store.h"
#include "store/system.h"
#include "store/way.h"

namespace mailchute {

namespace {

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

constexpr char kPageSize[] = "PRAGMA page_size";
constexpr char kQuickCheck[] = "PRAGMA quick_check(1)";

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
  page_bytes_ = TRY(database_.number(kPageSize)).value_or(0);
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
  file_.note_length();
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

}  // namespace mailchute
