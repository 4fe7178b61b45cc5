#include "settle/notices.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <utility>

#include "base/ascii.h"
#include "base/result.h"
#include "base/text.h"
#include "mail/notice_digest.h"
#include "mail/notice_text.h"
#include "schedule/route.h"
#include "store/route_text.h"

namespace mailchute {

namespace {

using Action = NoticeRecipient::Action;

/// What is shown of the original: enough for every header a person looks at, and a notice that passes
/// everywhere.
constexpr std::size_t kHeaderShownBytes = 16 * 1024;

/// An alias for more people than this is a list, and a list is not told of failures.
constexpr std::size_t kReadersMax = 10;

/// Who reads what is meant for this sender: a local one's mail goes where the aliases and root say.
std::vector<Mailbox> readers_of(const Mailbox& sender, const SettleOptions& options) {
  const auto resolved = options.aliases.resolve(sender, kReadersMax);
  std::vector<Mailbox> readers = resolved ? *resolved : std::vector<Mailbox>{sender};
  for (Mailbox& reader : readers) reader = reader.completed(options.mail_domain);
  return readers;
}

std::string host_of(const std::string& upstream, const SettleOptions& options) {
  const auto found = options.hosts.find(upstream);
  return found == options.hosts.end() ? std::string() : found->second;
}

/// RFC 3461 6.1: notices come from the null sender, and ask for no notices themselves.
OwnMessage as_message(MessageId id, const std::vector<Mailbox>& to, std::string subject, std::string content,
                      WallTime now, const SettleOptions& options) {
  NewMessage message;
  message.id = id;
  for (const Mailbox& reader : to) {
    Recipient recipient;
    recipient.mailbox = reader;
    recipient.notify.never = true;
    message.smtputf8 = message.smtputf8 || reader.needs_utf8();
    message.recipients.push_back({recipient, choose_route(options.routes, std::nullopt, reader)});
  }
  if (!is_ascii(content)) message.body = Body::EightBit;
  message.bytes = content.size();
  message.source.kind = "notice";
  message.summary.subject = std::move(subject);
  message.summary.automatic = true;
  message.received = now;
  message.expires = now + options.lifetime;
  message.notice = true;
  return {std::move(message), std::move(content)};
}

NoticeFacts facts_of(const Parcel& parcel, std::vector<NoticeRecipient> recipients, NoticeSubject subject,
                     const SettleOptions& options) {
  CHECK(parcel.sender && !recipients.empty());
  NoticeFacts facts;
  facts.notice_id = subject.notice_id;
  facts.id = parcel.id;
  facts.reporting_mta = options.hostname;
  facts.mail_domain = options.mail_domain;
  facts.to = readers_of(*parcel.sender, options);
  facts.sender = *parcel.sender;
  facts.recipients = std::move(recipients);
  facts.envelope_id = parcel.envelope_id;
  facts.arrived = parcel.received;
  facts.now = subject.now;
  facts.expires = parcel.expires;
  facts.original_header = std::move(subject.original_header);
  facts.original_subject = parcel.summary.subject;
  return facts;
}

OwnMessage written(const NoticeFacts& facts, const SettleOptions& options) {
  const std::string subject = std::string(notice_title(facts)) + ": " + facts.original_subject;
  return as_message(facts.notice_id, facts.to, subject, write_notice(facts), facts.now, options);
}

/// RFC 3461 4.3: RET is about failures; other notices return the header.
bool returns_all(const Parcel& parcel, const std::vector<NoticeRecipient>& recipients) {
  return parcel.ret == Return::Full && parcel.content &&
         std::any_of(recipients.begin(), recipients.end(),
                     [](const NoticeRecipient& recipient) { return recipient.action == Action::Failed; });
}

/// An expiry is no rule: what was said last is why.
std::string explanation_of(const std::string& upstream, const std::string& rule, Stage stage,
                           const Reply& reply, const SettleOptions& options) {
  if (rule != kExpiredRule) return options.explanation(upstream, rule);
  return options.explanation(upstream, options.judged(upstream, stage, reply).rule);
}

NoticeRecipient late_recipient(const ParcelRecipient& recipient, const LastReply& last, WallTime now,
                               const SettleOptions& options) {
  const RecipientSettlement& standing = last.end;
  NoticeRecipient late;
  late.recipient = recipient.recipient;
  late.action = Action::Delayed;
  late.reply = standing.reply;
  late.stage = standing.stage;
  const Verdict judged = options.judged(last.upstream, standing.stage, standing.reply);
  late.blame = judged.blame;
  late.explanation = options.explanation(last.upstream, judged.rule);
  if (standing.reply.code != 0) late.upstream_host = host_of(last.upstream, options);
  // What is due already waits for its upstream, and nobody knows until when.
  if (standing.state == RecipientState::Queued && standing.next_attempt > now)
    late.next_attempt = standing.next_attempt;
  return late;
}

DigestFacts::Entry digest_entry(const DigestEntry& entry, const SettleOptions& options) {
  DigestFacts::Entry made;
  made.id = entry.id;
  made.subject = entry.subject;
  made.envelope_id = entry.envelope_id;
  made.recipient.recipient = entry.recipient;
  made.recipient.reply = entry.reply;
  made.recipient.stage = entry.stage;
  made.recipient.blame = entry.blame;
  if (entry.reply.code != 0) made.recipient.upstream_host = host_of(entry.upstream, options);
  made.recipient.explanation = explanation_of(entry.upstream, entry.rule, entry.stage, entry.reply, options);
  made.recipient.in_doubt = entry.in_doubt;
  made.recipient.expired = entry.expired;
  return made;
}

/// The key of a digest is the sender's own text, which has been parsed before.
Mailbox sender_of(const DigestKey& key) {
  auto sender = Mailbox::parse(key.sender, Mailbox::Utf8::Allowed);
  return sender ? std::move(*sender) : Mailbox("postmaster", "");
}

}  // namespace

NoticeRecipient told(const std::string& upstream, const ParcelRecipient& recipient,
                     const RecipientSettlement& end, const Verdict& verdict, Action action,
                     const SettleOptions& options) {
  NoticeRecipient made;
  made.recipient = recipient.recipient;
  made.action = action;
  made.reply = end.reply;
  made.stage = end.stage;
  made.blame = verdict.blame;
  if (end.reply.code != 0) made.upstream_host = host_of(upstream, options);
  if (action == Action::Failed) {
    made.explanation = explanation_of(upstream, verdict.rule, end.stage, end.reply, options);
    made.in_doubt = end.in_doubt;
    made.expired = verdict.rule == kExpiredRule;
  }
  return made;
}

std::vector<std::string> refusers_of(const std::string& route, const SettleOptions& options) {
  std::vector<std::string> hosts;
  for (const std::string& upstream : route_refusers(route)) hosts.push_back(host_of(upstream, options));
  std::erase(hosts, "");
  return hosts;
}

OwnMessage attempt_notice(const Parcel& parcel, std::vector<NoticeRecipient> recipients,
                          NoticeSubject subject, const SettleOptions& options) {
  const bool all = returns_all(parcel, recipients);
  NoticeFacts facts = facts_of(parcel, std::move(recipients), std::move(subject), options);
  if (all) facts.original = *parcel.content;
  return written(facts, options);
}

std::optional<OwnMessage> delay_notice(const LateMessage& late, MessageId notice_id, WallTime now,
                                       const SettleOptions& options) {
  if (reason_for_silence(late.parcel) != nullptr) return std::nullopt;
  std::vector<NoticeRecipient> recipients;
  for (std::size_t i = 0; i < late.parcel.recipients.size(); ++i)
    if (wants_delay_notice(late.parcel.recipients[i].recipient.notify))
      recipients.push_back(late_recipient(late.parcel.recipients[i], late.standing[i], now, options));
  if (recipients.empty()) return std::nullopt;
  const std::string header = late.parcel.content ? header_section(*late.parcel.content) : std::string();
  return written(facts_of(late.parcel, std::move(recipients), {notice_id, header, now}, options), options);
}

OwnMessage digest_notice(const Digest& digest, MessageId notice_id, WallTime now,
                         const SettleOptions& options) {
  DigestFacts facts;
  facts.notice_id = notice_id;
  facts.reporting_mta = options.hostname;
  facts.mail_domain = options.mail_domain;
  facts.sender = sender_of(digest.key);
  facts.to = readers_of(facts.sender, options);
  for (const DigestEntry& entry : digest.entries) facts.entries.push_back(digest_entry(entry, options));
  facts.count = digest.count;
  facts.since = digest.due - options.digest_window;
  facts.now = now;
  return as_message(notice_id, facts.to, "Undelivered mail, gathered", write_digest(facts), now, options);
}

std::string header_section(std::string_view content) {
  if (content.starts_with("\r\n")) return {};
  std::string_view header = content.substr(0, std::min(content.find("\r\n\r\n"), content.size()));
  if (header.size() < content.size()) header = content.substr(0, header.size() + 2);
  if (header.size() <= kHeaderShownBytes) return std::string(header);
  const std::size_t line_end = header.rfind("\r\n", kHeaderShownBytes - 2);
  return line_end == std::string_view::npos ? std::string() : std::string(header.substr(0, line_end + 2));
}

}  // namespace mailchute
