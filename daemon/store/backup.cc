#include "store/backup.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <utility>

#include "base/descriptor.h"
#include "base/exit_codes.h"
#include "store/queue_file.h"
#include "store/schema.h"
#include "store/system.h"

namespace mailchute {

namespace {

constexpr char kCopy[] = "VACUUM INTO ?1";
constexpr char kIntegrity[] = "PRAGMA integrity_check(1)";
constexpr char kUnfinished[] = "SELECT count(*) FROM message WHERE deadline IS NOT NULL";
constexpr char kFinished[] = "SELECT count(*) FROM message WHERE deadline IS NULL";

/// A file of a name that nobody could know, beside the one that is wanted; it goes unless it was given that
/// name.
class Scratch {
 public:
  static Result<Scratch> make(const std::string& beside) {
    std::string name = without_links(beside) + ".XXXXXX";
    Descriptor file(::mkostemp(name.data(), O_CLOEXEC));
    if (!file) return fail("cannot create " + beside + ": " + errno_text(), exit_code::kCannotCreate);
    return Scratch(std::move(name), std::move(file));
  }
  Scratch(Scratch&& other) noexcept : name_(std::exchange(other.name_, {})), file_(std::move(other.file_)) {}
  Scratch& operator=(Scratch&&) = delete;
  ~Scratch() {
    if (!name_.empty()) ::unlink(name_.c_str());
  }

  const std::string& name() const { return name_; }

  std::uint64_t bytes() const {
    struct stat facts {};
    return ::fstat(file_.get(), &facts) == 0 ? static_cast<std::uint64_t>(facts.st_size) : 0;
  }

  /// Whoever may write into the folder may exchange the file while we work.
  bool in_place() const {
    struct stat ours {};
    struct stat found {};
    return ::fstat(file_.get(), &ours) == 0 && ::lstat(name_.c_str(), &found) == 0 &&
           ours.st_dev == found.st_dev && ours.st_ino == found.st_ino;
  }

  Result<void> become(const std::string& name) {
    TRY_VOID(publish(name_, name));
    name_.clear();
    return {};
  }

 private:
  Scratch(std::string name, Descriptor file) : name_(std::move(name)), file_(std::move(file)) {}

  std::string name_;
  Descriptor file_;
};

/// A name that is taken is told before an hour of copying, not behind it.
Result<void> check_free(const std::string& file) {
  struct stat found {};
  if (::lstat(file.c_str(), &found) != 0) return {};
  return fail("cannot create " + file + ": it exists already", exit_code::kCannotCreate);
}

/// Has `watch` called while the database works, and remembers whether it wanted an end.
class Watch {
 public:
  Watch(Database& database, const Scratch& scratch, WatchBackup& watch) : database_(database) {
    if (!watch) return;
    database_.while_working([this, &scratch, &watch] {
      const auto work = watch(scratch.bytes());
      if (work == Database::Work::Stop) stopped_ = true;
      return work;
    });
  }
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;
  ~Watch() { database_.while_working(nullptr); }

  /// What an error of the database means: perhaps it was us.
  tl::unexpected<Error> failed(const std::string& what, const SqliteError& error, int code) const {
    if (stopped_) return fail("the copy was given up; nothing is left of it", exit_code::kTryLater);
    return fail(what + ": " + error.text, code);
  }

 private:
  Database& database_;
  bool stopped_ = false;
};

Result<void> copy(Database& queue, const Scratch& scratch, WatchBackup& watch) {
  const Watch watched(queue, scratch, watch);
  const auto copied = queue.run(kCopy, {scratch.name()});
  if (copied) return {};
  return watched.failed("cannot copy the queue to " + scratch.name(), copied.error(),
                        exit_code::kInputOutput);
}

template <typename T>
Result<T> told(SqliteResult<T> result) {
  if (!result) return fail("the copy cannot be read again: " + result.error().text, exit_code::kBadData);
  return std::move(*result);
}

Result<void> check_integrity(Database& copy, const Scratch& scratch, WatchBackup& watch) {
  const Watch watched(copy, scratch, watch);
  const auto verdict = copy.word(kIntegrity);
  if (!verdict) return watched.failed("the copy cannot be read again", verdict.error(), exit_code::kBadData);
  if (*verdict == "ok") return {};
  return fail("the copy is damaged, as the queue may be: " + *verdict, exit_code::kBadData);
}

Result<BackupFacts> look_through(const Scratch& scratch, WatchBackup& watch) {
  auto copy =
      TRY(told(Database::open(scratch.name(), Database::Mode::ReadOnly, nullptr, Database::Links::Refused)));
  TRY_VOID(check_schema(copy, scratch.name()));
  TRY_VOID(check_integrity(copy, scratch, watch));
  BackupFacts facts;
  facts.messages = TRY(told(copy.number(kUnfinished))).value_or(0);
  facts.finished = TRY(told(copy.number(kFinished))).value_or(0);
  facts.bytes = scratch.bytes();
  return facts;
}

}  // namespace

Result<BackupFacts> back_up_queue(Database& queue, const std::string& file, WatchBackup watch) {
  TRY_VOID(check_free(file));
  Scratch scratch = TRY(Scratch::make(file));
  TRY_VOID(copy(queue, scratch, watch));
  const BackupFacts facts = TRY(look_through(scratch, watch));
  if (!scratch.in_place())
    return fail("cannot create " + file + ": somebody exchanged it while it was written",
                exit_code::kCannotCreate);
  TRY_VOID(scratch.become(file));
  return facts;
}

}  // namespace mailchute
