#include "deliver/generic_rules.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "base/text.h"

namespace mailchute {

namespace {

Verdict before_mail(const ReplyContext& said);
Verdict about_silence(const ReplyContext& said);
Verdict about_sender(const Reply& reply);
Verdict about_recipient(const Reply& reply);
Verdict about_data(const Reply& reply);
Verdict about_content(const ReplyContext& said);

Verdict verdict(Fate fate, Blame blame, const char* rule) {
  Verdict made;
  made.fate = fate;
  made.blame = blame;
  made.rule = rule;
  return made;
}

Verdict deferred(Blame blame, const char* rule) { return verdict(Fate::Deferred, blame, rule); }
Verdict refused(Blame blame, const char* rule) { return verdict(Fate::Refused, blame, rule); }

Verdict upstream_rests(Pause::Kind kind, Alert alert, const char* rule) {
  Verdict made = deferred(Blame::Upstream, rule);
  made.pause = Pause{kind};
  made.alert = alert;
  return made;
}

}  // namespace

Verdict generic_verdict(const ReplyContext& said) {
  const bool about_mail = said.stage >= Stage::MailFrom && said.stage <= Stage::FinalDot;
  if (!about_mail) return before_mail(said);
  if (said.reply.code == 0) return about_silence(said);
  // RFC 5321 3.8: 421 closes the connection, whatever it answers. After the dot it answers the message like
  // any 4xx.
  if (said.reply.code == 421 && said.stage != Stage::FinalDot) return deferred(Blame::Upstream, "goodbye");
  switch (said.stage) {
    case Stage::MailFrom: return about_sender(said.reply);
    case Stage::RcptTo: return about_recipient(said.reply);
    case Stage::Data: return about_data(said.reply);
    default: return about_content(said);
  }
}

namespace {

Verdict before_mail(const ReplyContext& said) {
  const bool refusal = said.reply.permanent();
  if (said.stage == Stage::Auth && said.reply.code != 421)
    return refusal ? upstream_rests(Pause::Kind::Login, Alert::First, "login-refused")
                   : upstream_rests(Pause::Kind::Login, Alert::Third, "login-unanswered");
  return refusal ? upstream_rests(Pause::Kind::Connection, Alert::First, "not-let-in")
                 : upstream_rests(Pause::Kind::Connection, Alert::None, "no-connection");
}

// The connection was lost. In the content or after the dot it may be this message that the upstream cannot
// stomach, so it counts, and waits longer each time; RFC 1047 for the lost final reply.
Verdict about_silence(const ReplyContext& said) {
  if (said.final_dot_sent) return deferred(Blame::Message, "answer-lost");
  if (said.stage == Stage::Body || said.stage == Stage::FinalDot)
    return deferred(Blame::Message, "lost-in-content");
  return deferred(Blame::Upstream, "connection-lost");
}

bool contains_any(const std::string& text, const auto& words) {
  return std::any_of(words.begin(), words.end(),
                     [&](std::string_view word) { return text.find(word) != std::string::npos; });
}

/// RFC 4954 4 and 6: they may answer any command, and speak of the login alone.
bool wants_a_login(const Reply& reply) { return reply.code == 530 || reply.code == 535 || reply.code == 538; }

/// The same in words, whatever the code. Behind the content they may speak of SPF and DKIM.
bool asks_for_a_login(const Reply& reply, Stage stage) {
  static constexpr std::array<std::string_view, 5> kWords = {"authentication required",
                                                             "authentication is required", "not logged in",
                                                             "login first", "log in first"};
  return stage <= Stage::RcptTo && contains_any(lower(reply.text), kWords);
}

/// RFC 5321 4.3.2: said of the command, not of what it names; unless the enhanced code says otherwise
/// (RFC 3463, X.1: an address). A server that has understood MAIL and RCPT knows DATA too: only its order
/// (503) can be wrong there.
bool lost_the_thread(const Reply& reply, Stage stage) {
  if (stage > Stage::Data || reply.enhanced.starts_with("5.1.")) return false;
  return reply.code == 503 || (stage < Stage::Data && (reply.code == 500 || reply.code == 502));
}

bool is_letter(char c) { return c >= 'a' && c <= 'z'; }

/// At the beginning of a word, for a refusal that is "collateral" is not one that may pass "later".
bool has_word_like(const std::string& text, std::string_view beginning) {
  for (auto at = text.find(beginning); at != std::string::npos; at = text.find(beginning, at + 1))
    if (at == 0 || !is_letter(text[at - 1])) return true;
  return false;
}

/// The words of a limit among what was said, without those that only begin like them.
bool speaks_of_a_limit(const Reply& reply, const auto& words) {
  static constexpr std::array<std::string_view, 2> kOthers = {"frequently asked", "quotation"};
  std::string text = lower(reply.text);
  for (const std::string_view other : kOthers)
    for (auto at = text.find(other); at != std::string::npos; at = text.find(other))
      text.erase(at, other.size());
  return std::any_of(words.begin(), words.end(),
                     [&](std::string_view word) { return has_word_like(text, word); });
}

/// "frequency limited", "too many messages", "daily quota exceeded": the account's trouble, said with a
/// permanent code.
bool asks_to_slow_down(const Reply& reply) {
  static constexpr std::array<std::string_view, 10> kWords = {
      "frequen", "too many",   "limit exceed", "quota", "try again",
      "later",   "rate limit", "throttl",      "busy",  "temporar"};
  return speaks_of_a_limit(reply, kWords);
}

/// "mail from address must be same as authorization user" speaks of a login too, but it is the sender that is
/// wrong.
bool is_about_the_sender(const Reply& reply) {
  static constexpr std::array<std::string_view, 4> kWords = {"mail from address", "sender address",
                                                             "from address", "not owned"};
  return reply.code == 501 || reply.code == 553 || contains_any(lower(reply.text), kWords);
}

bool speaks_of_a_login(const Reply& reply) {
  static constexpr std::array<std::string_view, 2> kWords = {"auth", "login"};
  return contains_any(lower(reply.text), kWords);
}

/// The words among them that can only be about what we send, not about whom it is for.
bool limits_what_we_send(const Reply& reply) {
  static constexpr std::array<std::string_view, 6> kWords = {"frequen",       "too many",   "limit exceed",
                                                             "sending limit", "rate limit", "throttl"};
  return speaks_of_a_limit(reply, kWords);
}

/// At RCPT a full or slow mailbox is the recipient's trouble (RFC 3463, X.1 and X.2).
bool speaks_of_a_mailbox(const Reply& reply) {
  static constexpr std::array<std::string_view, 5> kWords = {"mailbox", "unknown", "no such", "recipient",
                                                             "not exist"};
  return reply.enhanced.starts_with("5.1.") || reply.enhanced.starts_with("5.2.") ||
         contains_any(lower(reply.text), kWords);
}

/// "client host [192.0.2.1] blocked": this machine is not let in, whatever it brings.
bool shuts_out_our_host(const std::string& text) {
  static constexpr std::array<std::string_view, 4> kHost = {"client host", "your ip", "your host",
                                                            "sending ip"};
  static constexpr std::array<std::string_view, 6> kRefused = {"block", "reject", "denied",
                                                               "list",  "refuse", "banned"};
  return contains_any(text, kHost) && contains_any(text, kRefused);
}

/// "your account has been suspended". At MAIL no other account can be meant; later it may be the recipient's.
bool shuts_out_our_account(const std::string& text, Stage stage) {
  static constexpr std::array<std::string_view, 7> kShut = {"suspend",   "disabled", "blocked",   "locked",
                                                            "deactivat", "banned",   "restricted"};
  const char* whose = stage == Stage::MailFrom ? "account" : "your account";
  return text.find(whose) != std::string::npos && contains_any(text, kShut);
}

Verdict slow_down() { return upstream_rests(Pause::Kind::Rate, Alert::Third, "slow-down"); }

/// The session may have gone stale: a new login, once. When that is not enough, it is the login's trouble.
Verdict log_in_again() {
  Verdict made = upstream_rests(Pause::Kind::Login, Alert::First, "not-logged-in");
  made.pause->after = 2;
  made.remedy = Remedy::Reconnect;
  return made;
}

/// The session has lost its order: a new one, and a rest when that does not help either.
Verdict begin_again() {
  Verdict made = upstream_rests(Pause::Kind::Connection, Alert::Third, "session-ended");
  made.pause->after = 3;
  made.remedy = Remedy::Reconnect;
  return made;
}

/// A refusal that would meet every other message too: its words are about us, not about this one. Empty when
/// they are not.
std::optional<Verdict> about_us(const Reply& reply, Stage stage) {
  if (wants_a_login(reply) || asks_for_a_login(reply, stage)) return log_in_again();
  // Providers say "frequency limited" at every stage, and a bounce could not be taken back.
  const bool at_recipient = stage == Stage::RcptTo;
  const bool of_a_mailbox = at_recipient && speaks_of_a_mailbox(reply);
  if (at_recipient ? limits_what_we_send(reply) && !of_a_mailbox : asks_to_slow_down(reply))
    return slow_down();
  const std::string text = lower(reply.text);
  if (shuts_out_our_host(text) || shuts_out_our_account(text, stage))
    return upstream_rests(Pause::Kind::Person, Alert::First, "person-needed");
  if (at_recipient && asks_to_slow_down(reply) && !of_a_mailbox)
    return deferred(Blame::Recipient, "recipient-deferred");
  if (lost_the_thread(reply, stage)) return begin_again();
  return std::nullopt;
}

/// RFC 3463 X.3.4 and RFC 6531: the message is larger, or in another form, than this server takes.
std::optional<Verdict> about_what_it_takes(const Reply& reply) {
  if (reply.enhanced == "5.3.4") return refused(Blame::Message, "message-too-large");
  if (reply.enhanced == "5.6.7") return refused(Blame::Message, "needs-smtputf8");
  return std::nullopt;
}

Verdict about_sender(const Reply& reply) {
  if (reply.transient()) return deferred(Blame::Sender, "sender-deferred");
  if (!reply.permanent())  // RFC 5321 4.3.2: MAIL has no such answer
    return deferred(Blame::Upstream, "odd-answer");
  if (auto beyond = about_what_it_takes(reply)) return *beyond;
  if (asks_for_a_login(reply, Stage::MailFrom)) return log_in_again();
  if (is_about_the_sender(reply)) return refused(Blame::Sender, "sender-refused");
  if (reply.code == 503 || wants_a_login(reply)) return log_in_again();
  if (speaks_of_a_login(reply)) return upstream_rests(Pause::Kind::Login, Alert::First, "not-logged-in");
  if (reply.code == 552) return refused(Blame::Message, "message-too-large");  // RFC 1870 6.1
  return about_us(reply, Stage::MailFrom).value_or(refused(Blame::Sender, "sender-refused"));
}

Verdict about_recipient(const Reply& reply) {
  if (reply.transient()) return deferred(Blame::Recipient, "recipient-deferred");
  if (reply.code == 552)  // RFC 5321 4.5.3.1.10: too many recipients, as an old server says it
    return deferred(Blame::Recipient, "too-many-recipients");
  if (reply.permanent())
    return about_us(reply, Stage::RcptTo).value_or(refused(Blame::Recipient, "recipient-refused"));
  // Accepted, but nothing came of it: another answer decides, and this is not it.
  return deferred(Blame::Upstream, "odd-answer");
}

Verdict about_data(const Reply& reply) {
  if (reply.transient()) return deferred(Blame::Message, "message-deferred");
  if (!reply.permanent())  // RFC 5321 4.3.2: only 354 lets us go on
    return deferred(Blame::Upstream, "odd-answer");
  if (auto beyond = about_what_it_takes(reply)) return *beyond;
  return about_us(reply, Stage::Data).value_or(refused(Blame::Message, "message-refused"));
}

Verdict about_content(const ReplyContext& said) {
  const Reply& reply = said.reply;
  if (reply.positive())
    return said.final_dot_sent ? verdict(Fate::Delivered, Blame::Message, "")
                               : deferred(Blame::Upstream, "odd-answer");
  // 4xx, and what is no answer at all (354, 999).
  if (!reply.permanent()) return deferred(Blame::Message, "message-deferred");
  if (auto beyond = about_what_it_takes(reply)) return *beyond;
  return about_us(reply, said.stage).value_or(refused(Blame::Message, "message-refused"));
}

}  // namespace

}  // namespace mailchute
