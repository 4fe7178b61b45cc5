// The store's own thread. It takes its whole inbox, runs one transaction with one COMMIT, and hands all the
// ends to the loop in one call. A job that fails alone makes the transaction begin again, with a savepoint
// for each job. No timer gathers a group: while one commit is in the kernel, the next one gathers by itself.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/result.h"
#include "base/unique_function.h"
#include "store/job.h"
#include "store/store.h"

namespace mailchute {

/// Runs a function on the loop thread, soon, and in the order of the calls. Called from the store's thread.
using Poster = UniqueFunction<void(UniqueFunction<void()>)>;

/// What a batch means to everybody, told on the loop thread after the jobs' own ends.
struct BatchNews {
  bool arrivals = false;
  std::vector<ShareChange> shares{};  ///< What users hold no longer.
  std::string broken;                 ///< Why, once, when the store has just become unusable.
};

/// Room as it was measured last; written by the store's thread, read by any.
struct Gauges {
  std::atomic<std::uint64_t> free_bytes{0};
  std::atomic<std::uint64_t> used{0};
  std::atomic<std::uint64_t> free_inside{0};
  std::atomic<std::uint64_t> kept{0};
  std::atomic<bool> cramped{false};
  std::atomic<bool> broken{false};
};

class StoreThread {
 public:
  /// `tell` is copied into what is posted; it must be harmless once its owner is gone.
  StoreThread(std::unique_ptr<Store> store, Poster post, std::function<void(BatchNews)> tell);
  /// Starts the thread; before it nothing is worked on. Fails when the system gives no more threads.
  Result<void> start();
  /// Works through the inbox, then ends the thread and closes the database.
  ~StoreThread();
  StoreThread(const StoreThread&) = delete;
  StoreThread& operator=(const StoreThread&) = delete;

  /// Any thread. The job's finish() is posted to the loop, never run from here.
  void submit(std::unique_ptr<Job> job);

  const Gauges& gauges() const { return gauges_; }

 private:
  using Jobs = std::vector<std::unique_ptr<Job>>;

  void live();
  bool take_batch(Jobs& batch);
  void work_through(Jobs batch);
  enum class Marks { None, EachJob };
  SqliteResult<void> transact(const std::vector<Job*>& jobs);
  SqliteResult<void> transact(const std::vector<Job*>& jobs, Marks marks);
  SqliteResult<void> work_on(Job& job, Marks marks);
  void work_on_nothing(const std::vector<Job*>& jobs);
  SqliteResult<void> transact_in_ballast(const Jobs& batch, const SqliteError& error);
  void give_up(Jobs& batch, const SqliteError& error);
  void set_aside(Jobs& batch, const QueueFault& fault);
  void latch(const SqliteError& error);
  void tidy_up();
  SqliteResult<void> keep_log_short();
  void publish(Jobs done);
  void measure();

  std::unique_ptr<Store> store_;
  Poster post_;
  std::function<void(BatchNews)> tell_;
  Gauges gauges_;

  std::mutex mutex_;
  std::condition_variable wake_;
  Jobs inbox_;  // Under the mutex, as is stopping_.
  bool stopping_ = false;

  Jobs waiting_;  // For room on disk; store's thread only, as all below.
  std::string broken_;
  std::string broken_news_;
  bool arrivals_ = false;
  std::vector<ShareChange> shares_;

  std::thread thread_;
};

}  // namespace mailchute
