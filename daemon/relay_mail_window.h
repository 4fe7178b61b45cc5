// Shows users their mail in the queue: pages from the store, as replies of the submit socket. One page at a
// time for all who ask: they share the store's thread with the mail itself. Loop thread only.
#pragma once

#include <deque>

#include "accept/mail_window.h"
#include "base/lifeline.h"
#include "store/sqlite_queue.h"

namespace mailchute {

class RelayMailWindow final : public MailWindow {
 public:
  explicit RelayMailWindow(SqliteQueue& queue) : queue_(queue) {}

  /// At most one question for each connection is open, so that the connections' bound is this one's too.
  void show(std::optional<std::uint32_t> uid, const std::string& from,
            UniqueFunction<void(Reply)> then) override;

 private:
  struct Question {
    std::optional<std::uint32_t> uid;
    Place from;
    UniqueFunction<void(Reply)> then;
  };

  void ask_next();
  void answered(Question question, QueueResult<OwnMailPage> page);

  SqliteQueue& queue_;
  std::deque<Question> waiting_;
  enum class Work { Idle, Asking } work_ = Work::Idle;
  Lifeline lifeline_;
};

}  // namespace mailchute
