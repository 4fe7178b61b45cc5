// What the settle stage goes by, from the configuration. A value; any thread.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/clock.h"
#include "mail/aliases.h"
#include "mail/reply.h"
#include "mail/verdict.h"
#include "settings/reply_rule.h"
#include "settings/settings.h"
#include "settle/decision.h"

namespace mailchute {

struct SettleOptions {
  DecisionRules rules;
  std::vector<RouteSettings> routes;  ///< For notices.
  std::string hostname;
  std::string mail_domain;
  Aliases aliases;                                 ///< Who reads the notices of local senders.
  Duration lifetime = std::chrono::hours(120);     ///< Of a notice.
  Duration delay_notice = std::chrono::hours(4);   ///< After it a sender is told that mail is late; 0: never.
  Duration digest_window = std::chrono::hours(1);  ///< Failures of a kind within it are told together.
  std::map<std::string, std::string> hosts;        ///< Upstream's name to its host, for Remote-MTA.
  std::set<std::string> limited;  ///< Upstreams with a rate or a quota: what they get is counted.
  std::map<std::string, std::vector<ReplyRule>> replies;  ///< Upstream's name to its provider's table.

  static SettleOptions from(const Settings& settings);

  /// What a rule's reply means; empty when nothing is known of it.
  std::string explanation(const std::string& upstream, const std::string& rule) const;

  /// A reply that was kept, judged by the rules of today: the queue keeps replies, not what was made of them.
  Verdict judged(const std::string& upstream, Stage stage, const Reply& reply) const;
};

}  // namespace mailchute
