#include "settle/settle_options.h"

#include <utility>

#include "mail/explanation.h"
#include "settings/aliases.h"

namespace mailchute {

SettleOptions SettleOptions::from(const Settings& settings) {
  SettleOptions options;
  options.rules = {settings.retry, uncertain_policy(settings.uncertain)};
  options.routes = settings.routes;
  options.hostname = settings.hostname;
  options.mail_domain = settings.mail_domain;
  options.aliases = aliases_of(settings);
  options.lifetime = settings.queue.lifetime;
  options.delay_notice = settings.queue.delay_notice;
  for (const UpstreamSettings& upstream : settings.upstreams) {
    options.hosts[upstream.name] = upstream.host;
    if (upstream.rate || !upstream.quota.empty()) options.limited.insert(upstream.name);
    // The first row of an id is the one that speaks.
    for (const ReplyRule& rule : upstream.rules)
      options.explanations[upstream.name].emplace(rule.id, rule.explanation.words);
  }
  return options;
}

std::string SettleOptions::explanation(const std::string& upstream, const std::string& rule) const {
  const auto of_upstream = explanations.find(upstream);
  if (of_upstream != explanations.end()) {
    const auto found = of_upstream->second.find(rule);
    if (found != of_upstream->second.end() && !found->second.empty()) return found->second;
  }
  auto general = general_explanation(rule);
  return general ? std::move(general->words) : std::string();
}

}  // namespace mailchute
