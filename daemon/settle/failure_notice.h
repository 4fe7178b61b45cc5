// The message that tells a sender what could not be delivered: the words are mail/notice.h's, this makes it a
// message of the queue. Pure; any thread.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "mail/message_id.h"
#include "settings/settings.h"
#include "settle/decision.h"
#include "store/queue.h"

namespace mailchute {

struct SettleOptions {
  DecisionRules rules;
  std::vector<RouteSettings> routes;  ///< For notices.
  std::string hostname;
  std::string mail_domain;
  Duration lifetime = std::chrono::hours(120);  ///< Of a notice.
  std::map<std::string, std::string> hosts;     ///< Upstream's name to its host, for Remote-MTA.
  std::set<std::string> limited;  ///< Upstreams with a rate or a quota: what they get is counted.

  static SettleOptions from(const Settings& settings);
};

enum class GivenUp { Refused, Expired };

/// `failed`: settlements of recipients of `parcel`, at least one; those that want no notice are left out
/// already. The parcel has a sender.
OwnMessage failure_notice(const Parcel& parcel, const std::vector<RecipientSettlement>& failed, GivenUp why,
                          std::string original_header, MessageId notice_id, WallTime now,
                          const SettleOptions& options);

/// The header section of canonical content, or of its first chunk: whole lines, cut at 16 KiB.
std::string header_section(std::string_view content);

}  // namespace mailchute
