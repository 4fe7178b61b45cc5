// A message on its way into the queue. Up to one chunk stays in memory and goes in with the message itself;
// beyond that, chunks go to the store as they come. Loop thread only.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/lifeline.h"
#include "store/job.h"
#include "store/queue.h"

namespace mailchute {

/// Hands a job to the store's thread; does nothing once the queue is gone.
using Submit = std::function<void(std::unique_ptr<Job>)>;

/// Content of all drafts that may wait for the store's thread, four commits' worth; beyond it each has one
/// chunk under way. A thousand of them with what each may have alone would not fit into the memory of the
/// service.
inline constexpr std::int64_t kWaitingBytes = 16 << 20;

/// What a draft takes of its user's share, and of the memory that all drafts have in common; or gives back.
struct RoomUse {
  std::int64_t bytes = 0;    ///< Of the share: more, or fewer.
  std::uint64_t held = 0;    ///< By this message, these included.
  std::int64_t waiting = 0;  ///< For the store's thread: more, or fewer.
  /// The answers: why this message cannot be taken; and that so much of all drafts waits that none should add
  /// to it while it has any waiting.
  std::optional<QueueFault::Kind> refused{};
  bool crowded = false;
};
/// Does nothing once the queue is gone.
using UseRoom = std::function<void(RoomUse&)>;

class StoreDraft final : public Draft {
 public:
  StoreDraft(MessageId id, Submit submit, UseRoom use)
      : id_(id), submit_(std::move(submit)), use_(std::move(use)) {}
  ~StoreDraft() override;

  void append(std::string bytes) override;
  bool congested() const override;
  void when_drained(UniqueFunction<void()> then) override;
  void commit(NewMessage message, UniqueFunction<void(QueueResult<void>)> then) override;

 private:
  void hold(std::uint64_t bytes);
  void send_chunk(std::string chunk);
  void commit_nothing(UniqueFunction<void(QueueResult<void>)> then);
  UniqueFunction<void(QueueResult<void>)> chunk_waits(std::size_t bytes);
  void chunk_done(std::size_t bytes, bool crowded);

  MessageId id_;
  Submit submit_;
  UseRoom use_;
  std::string tail_;  // Less than a chunk that the store has not been given.
  std::int64_t chunks_sent_ = 0;
  std::uint64_t bytes_ = 0;
  std::size_t backlog_ = 0;                  // Bytes given to the store of which it has not said the end.
  bool crowded_ = false;                     // As it was told last.
  std::uint64_t held_ = 0;                   // Of its user's share.
  std::optional<QueueFault::Kind> refused_;  // What comes is not stored any more.
  bool spent_ = false;
  UniqueFunction<void()> drained_;
  Lifeline lifeline_;
};

}  // namespace mailchute
