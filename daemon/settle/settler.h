// Turns the end of an attempt into what the queue keeps: for each recipient whether it is done, failed or
// tried again and when, the record of the attempt, and the notice to the sender, all in one commit. Decisions
// are in settle/decision.h; this drives. Loop thread only.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/lifeline.h"
#include "base/unique_function.h"
#include "mail/message_id.h"
#include "mail/notice.h"
#include "schedule/settling.h"
#include "settings/settings.h"
#include "store/queue.h"

namespace mailchute {

struct SettleOptions {
  Settings::Retry retry;
  std::vector<RouteSettings> routes;  ///< For notices.
  std::string hostname;
  std::string mail_domain;
  Duration lifetime = std::chrono::hours(120);  ///< Of a notice.
  std::map<std::string, std::string> hosts;     ///< Upstream's name to its host, for Remote-MTA.

  static SettleOptions from(const Settings& settings);
};

class Settler final : public Settling {
 public:
  /// All references must outlive it.
  Settler(Queue& queue, const Clock& clock, Random& random, MessageIds& ids, SettleOptions options);

  void settle(Attempt attempt, UniqueFunction<void(std::optional<WallTime>)> then) override;
  void expire(Parcel parcel, LastTrouble trouble, UniqueFunction<void()> then) override;

  /// Reload.
  void reconfigure(SettleOptions options);

 private:
  struct Work;

  void settle_expired(Work work, const std::vector<RecipientSettlement>& last, const LastTrouble& trouble);
  void with_notice(Work work);
  void commit(Work work);
  void write(Work& work, std::string original_header);

  Queue& queue_;
  const Clock& clock_;
  Random& random_;
  MessageIds& ids_;
  SettleOptions options_;
  Lifeline lifeline_;
};

}  // namespace mailchute
