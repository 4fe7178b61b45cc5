#include "mail/notice_text.h"

#include <algorithm>
#include <string_view>

#include "base/text.h"
#include "mail/notice_words.h"
#include "mail/trace.h"

namespace mailchute {

namespace {

using Action = NoticeRecipient::Action;

bool tells(const NoticeFacts& facts, Action action) {
  return std::any_of(facts.recipients.begin(), facts.recipients.end(),
                     [action](const NoticeRecipient& recipient) { return recipient.action == action; });
}

std::string recipient_text(const NoticeRecipient& recipient, const NoticeFacts& facts) {
  std::string out = paragraph(printable(recipient.recipient.mailbox.completed(facts.mail_domain).text()), 2);
  out += reply_text(recipient) + refusers_text(recipient);
  if (recipient.action == Action::Failed) out += paragraph(advice(recipient), 4);
  if (recipient.next_attempt)
    out += paragraph("It is tried again about " + rfc5322_date(*recipient.next_attempt) + ".", 4);
  return out + "\r\n";
}

std::string section(const NoticeFacts& facts, Action action, std::string_view opening) {
  if (!tells(facts, action)) return {};
  std::string out = paragraph(opening, 0) + "\r\n";
  for (const NoticeRecipient& recipient : facts.recipients)
    if (recipient.action == action) out += recipient_text(recipient, facts);
  return out;
}

const char* failed_opening(const NoticeFacts& facts) {
  const bool expired = std::any_of(facts.recipients.begin(), facts.recipients.end(),
                                   [](const NoticeRecipient& recipient) { return recipient.expired; });
  if (expired)
    return "I am sorry: your message could not be delivered to the following recipients. It was tried again "
           "and again until the "
           "time for it ran out, and it will not be tried any more.";
  return "I am sorry: your message could not be delivered to the following recipients, and it will not be "
         "tried again.";
}

std::string delayed_opening(const NoticeFacts& facts) {
  return "Your message has not been delivered yet to the following recipients. It is kept safely and is "
         "being tried again until " +
         rfc5322_date(facts.expires) +
         "; if it cannot be delivered by then, you will be told. You need not do anything, and need not send "
         "it again.";
}

/// Encoded words (RFC 2047) mean nothing to a person; the notice's own Subject carries them where a mail
/// program decodes them.
std::string subject_line(const NoticeFacts& facts) {
  const std::string& subject = facts.original_subject;
  if (subject.empty() || subject.find("=?") != std::string::npos) return {};
  return paragraph("Subject: " + printable(subject), 0);
}

/// For root, who reads the notices of names that nobody else reads.
std::string sender_line(const NoticeFacts& facts) {
  const std::string sender = facts.sender.text();
  return sender.empty() ? std::string() : paragraph("Sent by: " + printable(sender), 0);
}

}  // namespace

std::string notice_text(const NoticeFacts& facts) {
  std::string out =
      paragraph("This is the mail relay on " + safe_host(facts.reporting_mta) + ".", 0) + "\r\n";
  out += section(facts, Action::Failed, failed_opening(facts));
  out += section(facts, Action::Delayed, delayed_opening(facts));
  out += section(facts, Action::Relayed,
                 "Your message was passed on to the next mail server for the following recipients. That "
                 "server does not promise "
                 "to report what becomes of it.");
  out += sender_line(facts);
  out += subject_line(facts);
  out += paragraph("Arrived here: " + rfc5322_date(facts.arrived), 0);
  return out + paragraph("Name in the queue: " + facts.id.text(), 0);
}

const char* notice_title(const NoticeFacts& facts) {
  if (tells(facts, Action::Failed)) return "Undelivered mail";
  if (tells(facts, Action::Delayed)) return "Delayed mail";
  return "Mail passed on";
}

}  // namespace mailchute
