// The queue's database on its own thread: opened whole and checked, its transactions, its room on disk. The
// SQL itself is in the *_sql files; who asks for what, and in which order, is store_thread's and
// sqlite_queue's. Store's thread only, after open().
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "mail/uncertain.h"
#include "store/lock.h"
#include "store/message_sql.h"
#include "store/queue_file.h"
#include "store/recover_sql.h"
#include "store/sent_marks.h"
#include "store/space.h"
#include "store/sqlite.h"
#include "store/upkeep_sql.h"

namespace mailchute {

/// Where the queue is and how much it may hold.
struct QueueOptions {
  std::string path;
  std::uint64_t max_bytes = 4ULL << 30;  ///< Of content and records together; beyond it no new mail is taken.
  std::uint64_t reserve = 256ULL << 20;  ///< Free bytes on disk below which no new mail is taken.
  Duration history = std::chrono::hours(720);  ///< How long the record of a finished message is kept.
  Duration history_bodies{0};                  ///< And its content.
  UncertainPolicy uncertain = UncertainPolicy::RetryOnce;  ///< For what a crash left in doubt.
  Duration busy_patience{10'000};  ///< How long another process's write lock is waited for.
  const char* vfs = nullptr;       ///< SQLite's access to files; null: the system's.
};

/// What the jobs of one transaction brought about, beside their rows.
struct BatchNotes {
  Tally tally;
  MessageId highest;
  bool arrivals = false;               ///< Recipients became due that were not.
  std::vector<ShareChange> shares{};   ///< Of messages that were finished.
  std::int64_t kept_bytes_change = 0;  ///< Of finished messages' content.

  void note(const std::optional<Finished>& finished);
  void note(const PurgeStep& purged);
};

/// Room on disk and in the queue at one moment.
struct Room {
  std::uint64_t free_bytes = 0;   ///< On the file system.
  std::uint64_t used = 0;         ///< By the queue; its log too, where a reader keeps it from being moved.
  std::uint64_t free_inside = 0;  ///< In the queue's file, to be used again.
  std::uint64_t kept = 0;         ///< By content of finished messages, which gives way to new mail.
  bool cramped = false;  ///< The ballast has been thrown away, and there is no room to make it again.
};

class Store {
 public:
  /// Takes the lock, looks at the file, creates it when there is none, and reads back every setting that
  /// durability rests on. Recipients that were being sent are queued again. Fails, leaving the file as it
  /// was, on whatever is not a queue of ours.
  static Result<std::unique_ptr<Store>> open(QueueOptions options, const Clock& clock);

  Database& database() { return database_; }
  BatchNotes& notes() { return notes_; }
  const QueueOptions& options() const { return options_; }
  void set_options(QueueOptions options) { options_ = std::move(options); }
  WallTime now() const { return clock_.wall(); }
  FinishedContent finished_content() const;

  // One transaction for many jobs, and a savepoint for each where one of them fails alone.
  SqliteResult<void> begin();
  SqliteResult<void> mark();
  SqliteResult<void> release_mark();
  /// Undoes what came after mark(). Fails when the transaction is gone altogether.
  SqliteResult<void> undo_to_mark();
  /// Returns once all of it is on disk. After a failure the transaction is rolled back, and unless it says
  /// Full or Busy nothing is known.
  SqliteResult<void> commit();
  void roll_back();

  /// Moves the log into the database once it has grown; to be called between transactions.
  SqliteResult<void> keep_log_short();

  /// Throws the ballast away and moves the log into the room that leaves: it then begins anew in the room it
  /// has. Between transactions. A disk that stays full is no failure of this.
  SqliteResult<void> make_room();
  /// While there is no room for the ballast: gives the file's free pages back to the disk, a few MiB at a
  /// time. Between transactions.
  SqliteResult<void> shrink_when_cramped();
  /// While room is short: deletes content of finished messages, the longest finished first, a few MiB at a
  /// time; then, where it is queue.max_bytes that is short, their records too. Between transactions.
  SqliteResult<void> make_way();
  /// Measures, and makes the ballast again as soon as there is room for it. After a commit nothing is read.
  Room measure();

  /// Nothing more may be written, not even by closing; except what a log holds that has lost its name.
  void abandon();

  std::size_t recovered() const { return recovered_; }
  MessageId highest() const { return highest_; }
  /// The board of what is being sent, for the loop's thread. Once, after open().
  SentMarks take_marks() { return std::move(marks_); }
  /// What users held when the queue was opened.
  const std::vector<ShareChange>& held() const { return held_; }

 private:
  Store(QueueOptions options, const Clock& clock, QueueLock lock, QueueFile file, Database database)
      : options_(std::move(options)),
        clock_(clock),
        lock_(std::move(lock)),
        file_(std::move(file)),
        database_(std::move(database)),
        space_(options_.path) {}
  Result<void> prepare();
  SqliteResult<void> recover();
  SqliteResult<std::vector<Doubted>> reclaim_all();
  void open_marks();
  SqliteResult<void> write_notes();
  SqliteResult<void> check_files();
  SqliteResult<void> checkpoint();
  std::int64_t log_bytes() const;
  std::uint64_t log_excess() const;
  SqliteResult<void> measure_file();
  SqliteResult<void> count_what_is_there();
  bool short_of_room();
  bool over_bound();
  std::uint64_t margin() const;
  SqliteResult<bool> must_forget();
  void tell_what_is_missing() const;
  int log_pages_max() const;

  QueueOptions options_;
  const Clock& clock_;
  QueueLock lock_;
  QueueFile file_;  // Before the connection: closed after it.
  Database database_;
  Space space_;
  SentMarks marks_;
  BatchNotes notes_;
  BatchNotes marked_notes_;
  std::int64_t commits_ = 0;
  std::int64_t changes_at_begin_ = 0;
  std::optional<FileUse> use_;    ///< As the last commit left it.
  std::uint64_t kept_bytes_ = 0;  ///< As far as it is committed.
  std::vector<ShareChange> held_;
  MessageId highest_;
  std::size_t recovered_ = 0;
  std::int64_t page_bytes_ = 0;
  int checkpoint_at_ = 0;
  bool log_lost_ = false;
  bool log_kept_ = false;  ///< Not all of it could be moved the last time.
  SteadyTime log_tried_{};
  int pages_seen_ = 0;
  bool log_alarm_ = false;
};

}  // namespace mailchute
