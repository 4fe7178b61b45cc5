#include "deliver/provider_rules.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "base/text.h"

namespace mailchute {

namespace {

using Then = ReplyRule::Then;

/// Short enough for an account to be mended the same day, long enough not to annoy anyone.
constexpr Duration kKeepWait = std::chrono::hours(1);

/// Once may be a session that went stale; twice is a login that does not hold.
constexpr int kReloginsInARow = 2;

bool about_mail(Stage stage) { return stage >= Stage::MailFrom && stage <= Stage::FinalDot; }

bool refuses(Then then) {
  return then == Then::RefuseMessage || then == Then::RefuseSender || then == Then::RefuseRecipient ||
         then == Then::Split;
}

bool judges_mail(Then then) { return refuses(then) || then == Then::Retry || then == Then::Keep; }

/// Whatever a row says: no message is judged before MAIL FROM, and none is refused by silence.
bool may_follow(const ReplyRule& rule, const ReplyContext& said) {
  if (judges_mail(rule.then) && !about_mail(said.stage)) return false;
  return said.reply.code != 0 || !refuses(rule.then);
}

bool at_stage(const ReplyRule& rule, Stage stage) {
  const auto meant = [stage](Stage at) {
    return at == stage || (at == Stage::FinalDot && stage == Stage::Body);
  };
  return rule.at.empty() || std::any_of(rule.at.begin(), rule.at.end(), meant);
}

bool has_code(const ReplyRule& rule, int code) {
  if (rule.codes.empty()) return code != 0;
  return std::any_of(rule.codes.begin(), rule.codes.end(),
                     [code](const auto& codes) { return codes.least <= code && code <= codes.most; });
}

bool has_enhanced(const ReplyRule& rule, const std::string& enhanced) {
  return rule.enhanced.empty() ||
         std::any_of(rule.enhanced.begin(), rule.enhanced.end(),
                     [&](const auto& pattern) { return matches_pattern(pattern, enhanced); });
}

bool has_text(const ReplyRule& rule, std::string_view text) {
  return rule.text.empty() || std::any_of(rule.text.begin(), rule.text.end(), [&](const auto& part) {
           return matches_pattern("*" + part + "*", text);
         });
}

/// The lines of a reply are one sentence that the peer had to break.
std::string one_line(std::string text) {
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}

Blame blame_at(Stage stage) {
  if (stage == Stage::MailFrom) return Blame::Sender;
  return stage == Stage::RcptTo ? Blame::Recipient : Blame::Message;
}

Verdict upstream_rests(Pause pause, Pause::Kind kind) {
  Verdict verdict;
  pause.kind = kind;
  verdict.pause = pause;
  return verdict;
}

Verdict judged(const ReplyRule& rule, Fate fate, Blame blame) {
  Verdict verdict;
  verdict.fate = fate;
  verdict.blame = blame;
  if (rule.pauses_too) verdict.pause = rule.pause;
  return verdict;
}

Verdict with(Remedy remedy, Verdict verdict) {
  verdict.remedy = remedy;
  return verdict;
}

Verdict logged_in_again(Pause pause) {
  pause.after = std::max(pause.after, kReloginsInARow);
  return with(Remedy::Reconnect, upstream_rests(pause, Pause::Kind::Login));
}

Verdict split(const ReplyRule& rule, const ReplyContext& said) {
  if (said.recipients <= 1) return judged(rule, Fate::Refused, Blame::Recipient);
  return with(Remedy::Split, judged(rule, Fate::Deferred, Blame::Message));
}

Verdict kept(const ReplyRule& rule, Blame blame) {
  Verdict verdict = judged(rule, Fate::Deferred, blame);
  verdict.retry_in = kKeepWait;
  return verdict;
}

Verdict effect(const ReplyRule& rule, const ReplyContext& said) {
  switch (rule.then) {
    case Then::Retry: return judged(rule, Fate::Deferred, blame_at(said.stage));
    case Then::Keep: return kept(rule, Blame::Sender);
    case Then::Slow: return upstream_rests(rule.pause, Pause::Kind::Rate);
    case Then::PauseQuota:
    case Then::PauseUntilDayEnd: return upstream_rests(rule.pause, Pause::Kind::Quota);
    case Then::PauseLogin: return upstream_rests(rule.pause, Pause::Kind::Login);
    case Then::PausePerson: return upstream_rests(rule.pause, Pause::Kind::Person);
    case Then::Reconnect: return with(Remedy::Reconnect, {});
    case Then::Relogin: return logged_in_again(rule.pause);
    case Then::OtherMechanism:
      return with(Remedy::OtherMechanism, upstream_rests(rule.pause, Pause::Kind::Login));
    case Then::Split: return split(rule, said);
    case Then::RefuseMessage: return judged(rule, Fate::Refused, Blame::Message);
    case Then::RefuseSender: return judged(rule, Fate::Refused, Blame::Sender);
    case Then::RefuseRecipient: return judged(rule, Fate::Refused, Blame::Recipient);
  }
  return {};
}

}  // namespace

const ReplyRule* matching_rule(std::span<const ReplyRule> rules, const ReplyContext& said) {
  const Reply& reply = said.reply;
  if (reply.code != 0 && !reply.transient() && !reply.permanent()) return nullptr;
  const std::string text = one_line(reply.text);
  const auto matches = [&](const ReplyRule& rule) {
    return at_stage(rule, said.stage) && has_code(rule, reply.code) && has_enhanced(rule, reply.enhanced) &&
           may_follow(rule, said) && has_text(rule, text);
  };
  const auto found = std::find_if(rules.begin(), rules.end(), matches);
  return found == rules.end() ? nullptr : &*found;
}

Verdict verdict_by(const ReplyRule& rule, const ReplyContext& said) {
  Verdict verdict = effect(rule, said);
  verdict.rule = rule.id;
  verdict.alert = rule.alert;
  if (rule.retry_in > Duration::zero()) verdict.retry_in = rule.retry_in;
  verdict.retry_for = rule.retry_for;
  return verdict;
}

}  // namespace mailchute
