#include "deliver/reply_rules.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include "base/text.h"

namespace mailchute {

namespace {

/// A row's outcome: the verdict without the words it came from, and the pause.
struct Ruling {
  Fate fate = Fate::Deferred;
  Blame blame = Blame::Upstream;
  std::optional<PauseKind> pause = std::nullopt;
};

constexpr Ruling kDelivered{Fate::Delivered, Blame::Message};
constexpr Ruling kUpstreamTrouble{Fate::Deferred, Blame::Upstream};
constexpr Ruling kSlowDown{Fate::Deferred, Blame::Upstream, PauseKind::Rate};
constexpr Ruling kNotLoggedIn{Fate::Deferred, Blame::Upstream, PauseKind::Login};
constexpr Ruling kRetryMessage{Fate::Deferred, Blame::Message};
constexpr Ruling kRetrySender{Fate::Deferred, Blame::Sender};
constexpr Ruling kRetryRecipient{Fate::Deferred, Blame::Recipient};
constexpr Ruling kRefuseMessage{Fate::Refused, Blame::Message};
constexpr Ruling kRefuseSender{Fate::Refused, Blame::Sender};
constexpr Ruling kRefuseRecipient{Fate::Refused, Blame::Recipient};

Ruling rule(const ReplyContext& said);
Ruling rule_silence(const ReplyContext& said);
Ruling rule_sender(const Reply& reply);
Ruling rule_recipient(const Reply& reply);
Ruling rule_data(const Reply& reply);
Ruling rule_content(const ReplyContext& said);

}  // namespace

Verdict classify(const ReplyContext& context) {
  const Ruling ruling = rule(context);
  Verdict verdict;
  verdict.fate = ruling.fate;
  verdict.blame = ruling.blame;
  verdict.stage = context.stage;
  verdict.reply = context.reply;
  verdict.in_doubt = context.reply.code == 0 && context.final_dot_sent;
  return verdict;
}

std::optional<PauseKind> pause_after(const Verdict& verdict) {
  if (verdict.fate != Fate::Deferred || verdict.blame != Blame::Upstream) return std::nullopt;
  return rule({verdict.stage, verdict.reply, verdict.stage == Stage::FinalDot}).pause;
}

namespace {

Ruling rule(const ReplyContext& said) {
  const bool about_mail = said.stage >= Stage::MailFrom && said.stage <= Stage::FinalDot;
  if (!about_mail) return kUpstreamTrouble;
  if (said.reply.code == 0) return rule_silence(said);
  // RFC 5321 3.8: 421 closes the connection, whatever it answers. After the dot it answers the message like
  // any 4xx.
  if (said.reply.code == 421 && said.stage != Stage::FinalDot) return kUpstreamTrouble;
  switch (said.stage) {
    case Stage::MailFrom: return rule_sender(said.reply);
    case Stage::RcptTo: return rule_recipient(said.reply);
    case Stage::Data: return rule_data(said.reply);
    default: return rule_content(said);
  }
}

// The connection was lost. In the content or after the dot it may be this message that the upstream cannot
// stomach, so it counts, and waits longer each time; RFC 1047 for the lost final reply.
Ruling rule_silence(const ReplyContext& said) {
  if (said.final_dot_sent || said.stage == Stage::Body || said.stage == Stage::FinalDot) return kRetryMessage;
  return kUpstreamTrouble;
}

bool contains_any(const std::string& text, const auto& words) {
  return std::any_of(words.begin(), words.end(),
                     [&](std::string_view word) { return text.find(word) != std::string::npos; });
}

/// "frequency limited", "too many messages", "daily quota exceeded": the account's trouble, said with a
/// permanent code.
bool asks_to_slow_down(const Reply& reply) {
  static constexpr std::array<std::string_view, 10> kWords = {
      "frequen", "too many",   "limit exceed", "quota", "try again",
      "later",   "rate limit", "throttl",      "busy",  "temporar"};
  return contains_any(lower(reply.text), kWords);
}

/// "mail from address must be same as authorization user" speaks of a login too, but it is the sender that is
/// wrong.
bool is_about_the_sender(const Reply& reply) {
  static constexpr std::array<std::string_view, 4> kWords = {"mail from address", "sender address",
                                                             "from address", "not owned"};
  return reply.code == 501 || reply.code == 553 || contains_any(lower(reply.text), kWords);
}

bool wants_a_login(const Reply& reply) {
  static constexpr std::array<std::string_view, 2> kWords = {"auth", "login"};
  return reply.code == 530 || reply.code == 503 || contains_any(lower(reply.text), kWords);
}

Ruling rule_sender(const Reply& reply) {
  if (reply.transient()) return kRetrySender;
  if (!reply.permanent()) return kUpstreamTrouble;  // RFC 5321 4.3.2: MAIL has no such answer
  if (is_about_the_sender(reply)) return kRefuseSender;
  if (wants_a_login(reply)) return kNotLoggedIn;
  if (reply.code == 552) return kRefuseMessage;  // RFC 1870 6.1: too large
  // Providers say "frequency limited" here as well as after the dot, and a bounce could not be taken back.
  if (asks_to_slow_down(reply)) return kSlowDown;
  return kRefuseSender;
}

Ruling rule_recipient(const Reply& reply) {
  if (reply.transient()) return kRetryRecipient;
  if (reply.code == 552)
    return kRetryRecipient;  // RFC 5321 4.5.3.1.10: too many recipients, as an old server says it
  if (reply.permanent()) return kRefuseRecipient;
  return kUpstreamTrouble;  // accepted, but nothing came of it: another answer decides, and this is not it
}

Ruling rule_data(const Reply& reply) {
  if (reply.transient()) return kRetryMessage;
  if (!reply.permanent()) return kUpstreamTrouble;  // RFC 5321 4.3.2: only 354 lets us go on
  return asks_to_slow_down(reply) ? kSlowDown : kRefuseMessage;
}

Ruling rule_content(const ReplyContext& said) {
  const Reply& reply = said.reply;
  if (reply.positive()) return said.final_dot_sent ? kDelivered : kUpstreamTrouble;
  if (!reply.permanent()) return kRetryMessage;  // 4xx, and what is no answer at all (354, 999)
  return asks_to_slow_down(reply) ? kSlowDown : kRefuseMessage;
}

}  // namespace

}  // namespace mailchute
