#include "deliver/reply_rules.h"

#include <algorithm>

#include "deliver/beyond_upstream.h"
#include "deliver/generic_rules.h"
#include "deliver/provider_rules.h"

namespace mailchute {

namespace {

bool before_mail(Stage stage) { return stage < Stage::MailFrom || stage > Stage::FinalDot; }

}  // namespace

Verdict classify(const ReplyContext& context, std::span<const ReplyRule> rules) {
  const ReplyRule* rule = matching_rule(rules, context);
  Verdict verdict = rule != nullptr ? verdict_by(*rule, context) : generic_verdict(context);
  verdict.stage = context.stage;
  verdict.reply = context.reply;
  if (verdict.fate == Fate::Refused && is_beyond_upstream(context)) verdict.remedy = Remedy::OtherUpstream;
  verdict.in_doubt = context.reply.code == 0 && context.final_dot_sent;
  // Where no message is concerned, it is the upstream that has to rest, for whatever reason.
  if (before_mail(context.stage) && !verdict.pause) verdict.pause = Pause{Pause::Kind::Connection};
  return verdict;
}

std::optional<Explanation> explanation(std::string_view id, std::span<const ReplyRule> rules) {
  const auto own = std::find_if(rules.begin(), rules.end(), [id](const auto& rule) { return rule.id == id; });
  if (own != rules.end()) return own->explanation;
  return general_explanation(id);
}

}  // namespace mailchute
