// One piece of work for the store's thread, and the news of its end for the loop. Made on the loop thread,
// worked on the store's, finished on the loop thread.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <utility>

#include "base/unique_function.h"
#include "store/queue.h"
#include "store/sqlite.h"
#include "store/store.h"

namespace mailchute {

/// What a job needs of the disk, and so what becomes of it when there is no room.
enum class Need {
  Nothing,  ///< It does not touch the database.
  Room,     ///< It makes the queue larger: the first to be refused.
  Little,   ///< It writes a little: it is tried once more in the ballast's room.
  Certain,  ///< It must not be lost (a delivery that has happened): it waits for room as long as the process
            ///< lives.
  Tidying,  ///< It waits likewise, but the next start does the same: nothing is lost with it.
};

class Job {
 public:
  explicit Job(Need need, std::size_t bytes) : need_(need), bytes_(bytes) {}
  virtual ~Job() = default;

  Need need() const { return need_; }
  /// About what it holds in memory.
  std::size_t bytes() const { return bytes_; }

  /// Store's thread, inside a transaction. Runs again from the start when the transaction was rolled back.
  virtual SqliteResult<void> work(Store& store) = 0;
  /// Store's thread: it did not come about.
  virtual void refuse(QueueFault fault) = 0;
  /// Loop thread, once.
  virtual void finish() = 0;

 private:
  Need need_;
  std::size_t bytes_;
};

/// Work that gives a T, or a fault that is nobody's failure (NotFound): the transaction goes on with both.
template <typename T>
using Work = UniqueFunction<SqliteResult<QueueResult<T>>(Store&)>;

template <typename T>
class JobOf final : public Job {
 public:
  JobOf(Need need, std::size_t bytes, Work<T> work, UniqueFunction<void(QueueResult<T>)> then)
      : Job(need, bytes), work_(std::move(work)), then_(std::move(then)) {}

  SqliteResult<void> work(Store& store) override {
    outcome_ = TRY(work_(store));
    return {};
  }
  void refuse(QueueFault fault) override { outcome_ = tl::unexpected(std::move(fault)); }
  void finish() override {
    if (then_) then_(std::move(*outcome_));
  }

 private:
  Work<T> work_;
  UniqueFunction<void(QueueResult<T>)> then_;
  std::optional<QueueResult<T>> outcome_;
};

template <typename T>
std::unique_ptr<Job> make_job(Need need, Work<T> work, UniqueFunction<void(QueueResult<T>)> then,
                              std::size_t bytes = 0) {
  return std::make_unique<JobOf<T>>(need, bytes, std::move(work), std::move(then));
}

}  // namespace mailchute
