// Turns the end of an attempt into what the queue keeps: for each recipient whether it is done, failed or
// tried again and when, the record of the attempt, and the notice to the sender, all in one commit. Decisions
// are in settle/decision.h, the notice in settle/failure_notice.h; this drives. Loop thread only.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "base/clock.h"
#include "base/lifeline.h"
#include "base/unique_function.h"
#include "mail/message_id.h"
#include "schedule/settling.h"
#include "settle/failure_notice.h"
#include "store/queue.h"

namespace mailchute {

class Settler final : public Settling {
 public:
  /// All references must outlive it.
  Settler(Queue& queue, const Clock& clock, Random& random, MessageIds& ids, SettleOptions options);

  /// One notice for all recipients that are refused for good in this attempt.
  void settle(Attempt attempt, UniqueFunction<void(Settled)> then) override;
  void expire(Parcel parcel, LastTrouble trouble, UniqueFunction<void()> then) override;

  /// `then` is told of each message that failed for good and whose sender could not be told, once that is on
  /// disk; `why` is a phrase of ours.
  void when_untold(UniqueFunction<void(MessageId, const char* why)> then) { untold_ = std::move(then); }

  /// Reload.
  void reconfigure(SettleOptions options) { options_ = std::move(options); }

 private:
  struct Work;

  RecipientSettlement settled(const Parcel& parcel, const ParcelRecipient& recipient, const Verdict& verdict);
  void tell_sender(Work work);
  void write_notice(Work& work, std::string original_header);
  void commit(Work work);

  Queue& queue_;
  const Clock& clock_;
  Random& random_;
  MessageIds& ids_;
  SettleOptions options_;
  std::map<std::pair<MessageId, std::int64_t>, int>
      hang_ups_;  ///< In a row, by message and recipient; forgotten at a restart.
  UniqueFunction<void(MessageId, const char*)> untold_;
  Lifeline lifeline_;
};

}  // namespace mailchute
