#include "settle/settle_options.h"

#include <span>
#include <utility>

#include "deliver/reply_rules.h"
#include "mail/explanation.h"
#include "settings/aliases.h"

namespace mailchute {

namespace {

std::span<const ReplyRule> rules_of(const SettleOptions& options, const std::string& upstream) {
  const auto found = options.replies.find(upstream);
  if (found == options.replies.end()) return {};
  return found->second;
}

}  // namespace

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
    options.replies[upstream.name] = upstream.rules;
  }
  return options;
}

std::string SettleOptions::explanation(const std::string& upstream, const std::string& rule) const {
  auto own = mailchute::explanation(rule, rules_of(*this, upstream));
  if (own && !own->words.empty()) return std::move(own->words);
  auto general = general_explanation(rule);
  return general ? std::move(general->words) : std::string();
}

Verdict SettleOptions::judged(const std::string& upstream, Stage stage, const Reply& reply) const {
  return classify({stage, reply, stage == Stage::FinalDot}, rules_of(*this, upstream));
}

}  // namespace mailchute
