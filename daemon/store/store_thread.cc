#include "store/store_thread.h"

#include <pthread.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <functional>
#include <iterator>
#include <system_error>
#include <utility>

#include "base/exit_codes.h"
#include "base/log.h"
#include "base/text.h"

namespace mailchute {

namespace {

/// One transaction takes no more than this from the inbox, so that the log stays bounded whatever waits.
constexpr std::size_t kBatchBytes = 4 << 20;
constexpr std::size_t kBatchJobs = 2000;

/// How often what waits for room on disk is tried again when nothing else happens.
constexpr std::chrono::seconds kRoomPatience{1};

QueueFault fault_of(const SqliteError& error, Trouble trouble) {
  switch (trouble) {
    case Trouble::Full: return {QueueFault::Kind::NoSpace, "the disk is full: " + error.text};
    case Trouble::Busy:
      return {QueueFault::Kind::Busy, "the queue is busy, perhaps locked by another process: " + error.text};
    case Trouble::Alone:
    case Trouble::Broken: break;
  }
  return {QueueFault::Kind::Broken, error.text};
}

std::vector<Job*> all_of(const std::vector<std::unique_ptr<Job>>& jobs) {
  std::vector<Job*> pointers;
  pointers.reserve(jobs.size());
  for (const auto& job : jobs) pointers.push_back(job.get());
  return pointers;
}

bool is_certain(const std::unique_ptr<Job>& job) { return job->need() == Need::Certain; }

bool waits_for_room(const std::unique_ptr<Job>& job) {
  return is_certain(job) || job->need() == Need::Tidying;
}

void refuse_all(const std::vector<std::unique_ptr<Job>>& jobs, const QueueFault& fault) {
  for (const auto& job : jobs) job->refuse(fault);
}

/// Signals belong to the loop: a handler that ran here would interrupt a write.
void block_signals() {
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, nullptr);
}

}  // namespace

StoreThread::StoreThread(std::unique_ptr<Store> store, Poster post, std::function<void(BatchNews)> tell)
    : store_(std::move(store)), post_(std::move(post)), tell_(std::move(tell)) {
  measure();
}

Result<void> StoreThread::start() {
  try {
    thread_ = std::thread([this] { live(); });
  } catch (
      const std::system_error& error) {  // The standard library's only way to say that there are too many.
    return fail(std::string("cannot start the queue's thread: ") + error.what(), exit_code::kSystem);
  }
  return {};
}

StoreThread::~StoreThread() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

void StoreThread::submit(std::unique_ptr<Job> job) {
  {
    const std::lock_guard lock(mutex_);
    inbox_.push_back(std::move(job));
  }
  wake_.notify_one();
}

void StoreThread::live() {
  block_signals();
  Jobs batch;
  while (take_batch(batch)) work_through(std::exchange(batch, {}));
  if (waiting_.empty()) return;
  // Their recipients are Sending in the database: the next start queues them again, and they may be sent
  // twice.
  const auto lost = std::count_if(waiting_.begin(), waiting_.end(), &is_certain);
  if (lost > 0)
    log::note(log::Level::Error, "settlements_lost",
              std::to_string(lost) + " results could not be written: the disk is full");
  refuse_all(waiting_, {QueueFault::Kind::NoSpace, "the daemon stops and the disk is full"});
  publish(std::move(waiting_));
}

/// False at the end: nothing is left that could be done.
bool StoreThread::take_batch(Jobs& batch) {
  std::unique_lock lock(mutex_);
  const auto something = [this] { return !inbox_.empty() || stopping_; };
  if (waiting_.empty()) {
    wake_.wait(lock, something);
  } else {
    wake_.wait_for(lock, kRoomPatience, something);
  }
  if (stopping_ && inbox_.empty()) return false;

  batch = std::move(waiting_);
  waiting_.clear();
  std::size_t bytes = 0;
  std::size_t count = 0;
  while (count < inbox_.size() && count < kBatchJobs && bytes < kBatchBytes)
    bytes += inbox_[count++]->bytes();
  const auto end = inbox_.begin() + static_cast<std::ptrdiff_t>(count);
  batch.insert(batch.end(), std::make_move_iterator(inbox_.begin()), std::make_move_iterator(end));
  inbox_.erase(inbox_.begin(), end);
  return true;
}

void StoreThread::work_through(Jobs batch) {
  auto done = transact(all_of(batch));
  if (!done && trouble_of(done.error()) == Trouble::Full) done = transact_in_ballast(batch, done.error());
  if (!done) give_up(batch, done.error());
  measure();
  publish(std::move(batch));
  tidy_up();  // After the ends have been told: nobody waits for this.
}

/// One transaction for all. A failure leaves nothing of any of them behind.
SqliteResult<void> StoreThread::transact(const std::vector<Job*>& jobs) {
  const bool idle =
      std::all_of(jobs.begin(), jobs.end(), [](const Job* job) { return job->need() == Need::Nothing; });
  if (idle || !broken_.empty()) {
    work_on_nothing(jobs);
    return {};
  }
  // A savepoint keeps a copy of every page that is changed after it, which nearly always is for nothing.
  auto done = transact(jobs, Marks::None);
  if (done || trouble_of(done.error()) != Trouble::Alone) return done;
  return transact(jobs, Marks::EachJob);
}

SqliteResult<void> StoreThread::transact(const std::vector<Job*>& jobs, Marks marks) {
  TRY_VOID(store_->begin());
  for (Job* job : jobs) {
    auto worked = work_on(*job, marks);
    if (worked) continue;
    store_->roll_back();
    return worked;
  }
  const bool arrivals = store_->notes().arrivals;
  const std::vector<ShareChange> shares = std::move(store_->notes().shares);
  // One COMMIT for all: a lone client pays one fsync, a hundred share it.
  TRY_VOID(store_->commit());
  arrivals_ = arrivals_ || arrivals;
  shares_.insert(shares_.end(), shares.begin(), shares.end());
  return {};
}

/// Fails only when the whole transaction has to.
SqliteResult<void> StoreThread::work_on(Job& job, Marks marks) {
  if (job.need() == Need::Nothing) return job.work(*store_);
  if (job.need() == Need::Room && gauges_.cramped) {
    // What the ballast left is for deliveries, not for drafts that were open when the disk filled.
    job.refuse({QueueFault::Kind::NoSpace, "the disk is full"});
    return {};
  }
  if (marks == Marks::None) return job.work(*store_);
  TRY_VOID(store_->mark());
  auto worked = job.work(*store_);
  if (worked) return store_->release_mark();
  if (trouble_of(worked.error()) != Trouble::Alone) return worked;
  TRY_VOID(store_->undo_to_mark());
  job.refuse(fault_of(worked.error(), Trouble::Alone));
  return {};
}

/// Without a transaction: nothing touches the database, or nothing may any more.
void StoreThread::work_on_nothing(const std::vector<Job*>& jobs) {
  for (Job* job : jobs) {
    if (job->need() != Need::Nothing || !job->work(*store_)) job->refuse({QueueFault::Kind::Broken, broken_});
  }
}

/// The disk is full: what makes the queue larger is refused, and the rest is tried again in the room that the
/// ballast leaves.
SqliteResult<void> StoreThread::transact_in_ballast(const Jobs& batch, const SqliteError& error) {
  log::note(log::Level::Error, "disk_full", printable(error.text));
  TRY_VOID(store_->make_room());
  std::vector<Job*> small;
  for (const auto& job : batch) {
    if (job->need() == Need::Room) {
      job->refuse(fault_of(error, Trouble::Full));
    } else {
      small.push_back(job.get());
    }
  }
  return transact(small);
}

void StoreThread::give_up(Jobs& batch, const SqliteError& error) {
  const Trouble trouble = trouble_of(error);
  if (trouble == Trouble::Full || trouble == Trouble::Busy) return set_aside(batch, fault_of(error, trouble));
  // Not this batch alone: which of its pages reached the disk nobody can say.
  latch(error);
  refuse_all(batch, {QueueFault::Kind::Broken, broken_});
}

/// What must be done some time waits; the others are told to come again.
void StoreThread::set_aside(Jobs& batch, const QueueFault& fault) {
  const auto waiting = std::stable_partition(batch.begin(), batch.end(), std::not_fn(&waits_for_room));
  waiting_.insert(waiting_.end(), std::make_move_iterator(waiting), std::make_move_iterator(batch.end()));
  batch.erase(waiting, batch.end());
  for (const auto& job : batch) {
    if (job->need() != Need::Nothing || !job->work(*store_)) job->refuse(fault);
  }
}

SqliteResult<void> StoreThread::keep_log_short() {
  TRY_VOID(store_->make_way());
  TRY_VOID(store_->keep_log_short());
  return gauges_.cramped ? store_->shrink_when_cramped() : SqliteResult<void>();
}

void StoreThread::tidy_up() {
  if (!broken_.empty()) return;
  auto kept = keep_log_short();
  if (!kept && trouble_of(kept.error()) == Trouble::Full) {
    kept = store_->make_room();
    measure();  // At once: the next message must not take the room that was made.
  }
  if (kept || trouble_of(kept.error()) == Trouble::Busy) return;
  latch(kept.error());
  publish({});
}

/// Nothing is known any more: an fsync that failed may say OK the next time, with the data gone.
void StoreThread::latch(const SqliteError& error) {
  broken_ = error.text;
  broken_news_ = error.text;
  gauges_.broken = true;
  store_->abandon();
  log::store_broken(printable(error.text));
}

void StoreThread::publish(Jobs done) {
  BatchNews news{.arrivals = std::exchange(arrivals_, false),
                 .shares = std::exchange(shares_, {}),
                 .broken = std::exchange(broken_news_, {})};
  const bool told = news.arrivals || !news.shares.empty() || !news.broken.empty();
  if (done.empty() && !told) return;
  post_([done = std::move(done), news = std::move(news), tell = tell_, told] {
    for (const auto& job : done) job->finish();
    if (told) tell(news);
  });
}

void StoreThread::measure() {
  const Room room = store_->measure();
  gauges_.free_bytes = room.free_bytes;
  gauges_.used = room.used;
  gauges_.free_inside = room.free_inside;
  gauges_.kept = room.kept;
  gauges_.cramped = room.cramped;
}

}  // namespace mailchute
