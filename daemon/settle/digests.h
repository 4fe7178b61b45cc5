// Keeps a storm of failures from becoming a storm of notices: the first failure of a sender for a reason is
// told at once, those that follow within the window are gathered in the queue and told together when it
// ends. What has been gathered is on disk; this remembers which digests have begun and wakes up for them.
// Loop thread only.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <optional>

#include "base/clock.h"
#include "base/lifeline.h"
#include "mail/message_id.h"
#include "settle/settle_options.h"
#include "store/queue.h"

namespace mailchute {

class Digests {
 public:
  /// All references must outlive it; `options` may change.
  Digests(Queue& queue, const Clock& clock, Alarms& alarms, MessageIds& ids, const SettleOptions& options);

  /// Takes up what an earlier run has left. A failure that comes before the answer may be told at once though
  /// its digest had begun; none is lost or told twice.
  void start();

  /// A failure of this kind is gathered, not told.
  bool has_begun(const DigestKey& key) const { return due_.contains(key); }

  /// A failure of this kind is being told now: those that follow are gathered. False: there are too many
  /// kinds already, and the next failure is told at once too.
  bool begin(const DigestKey& key);

  /// What the queue keeps as the end of this digest.
  WallTime due(const DigestKey& key) const;

  /// On disk now: the digest is to be told even if this has forgotten it meanwhile.
  void kept(const DigestPart& part);

  /// Begun and not told yet.
  std::size_t size() const { return due_.size(); }

 private:
  void start_again(const QueueFault& fault);
  void watch(const DigestKey& key, Duration in);
  void tell_due();
  void tell(const DigestKey& key);
  void told(const DigestKey& key, MessageId notice_id, const QueueResult<std::size_t>& result);
  void set_alarm();

  Queue& queue_;
  const Clock& clock_;
  MessageIds& ids_;
  const SettleOptions& options_;
  std::map<DigestKey, SteadyTime>
      due_;  ///< On the steady clock: a calendar that jumps delays nobody's notice.
  std::unique_ptr<Alarm> alarm_;
  std::unique_ptr<Alarm> start_alarm_;
  Lifeline lifeline_;
};

}  // namespace mailchute
