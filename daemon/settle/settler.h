// Turns the end of an attempt into what the queue keeps: for each recipient whether it is done, failed or
// tried again and when, the record of the attempt, and what its sender is told, all in one commit. Decisions
// are in settle/decision.h, the notices in settle/notices.h; this drives. Loop thread only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "base/clock.h"
#include "base/lifeline.h"
#include "base/unique_function.h"
#include "mail/message_id.h"
#include "mail/notice.h"
#include "schedule/clock_watch.h"
#include "schedule/settling.h"
#include "settle/delay_watch.h"
#include "settle/digests.h"
#include "settle/settle_options.h"
#include "store/queue.h"

namespace mailchute {

class Settler final : public Settling {
 public:
  /// All references must outlive it.
  Settler(Queue& queue, const Clock& clock, Alarms& alarms, Random& random, MessageIds& ids,
          SettleOptions options);

  /// Takes up what an earlier run has left to be told.
  void start();

  /// One notice at most for all recipients of this attempt: those refused for good, and those whose sender
  /// wants to know that they were passed on.
  void settle(Attempt attempt, UniqueFunction<void(Settled)> then) override;
  void expire(Parcel parcel, UniqueFunction<void()> then) override;
  void mail_arrived() override { delays_.mail_arrived(); }

  /// `then` is told of each message that failed for good and whose sender could not be told, once that is on
  /// disk; `why` is a phrase of ours.
  void when_untold(UniqueFunction<void(MessageId, const char* why)> then) { untold_ = std::move(then); }

  /// Reload.
  void reconfigure(SettleOptions options);

 private:
  struct Work;

  Duration age_of(const Parcel& parcel);
  RecipientSettlement settled(const Parcel& parcel, const ParcelRecipient& recipient, const Verdict& verdict);
  void plan_expiry(Work& work, const std::vector<LastReply>& last) const;
  void tell_sender(Work work);
  void plan(Work& work);
  static bool is_success_to_tell(const Work& work, std::size_t i);
  void tell_now(Work& work, std::size_t i, NoticeRecipient::Action action);
  void write_notice(Work& work, std::string original_header);
  void commit(Work work);
  void committed(Work& work);

  Queue& queue_;
  const Clock& clock_;
  Random& random_;
  MessageIds& ids_;
  SettleOptions options_;
  Digests digests_;
  DelayWatch delays_;
  ClockWatch watch_;
  UniqueFunction<void(MessageId, const char*)> untold_;
  Lifeline lifeline_;
};

}  // namespace mailchute
