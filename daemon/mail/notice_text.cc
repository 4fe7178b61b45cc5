#include "mail/notice_text.h"

#include <algorithm>
#include <string_view>

#include "base/limits.h"
#include "base/text.h"
#include "mail/notice_status.h"
#include "mail/trace.h"

namespace mailchute {

namespace {

using Action = NoticeRecipient::Action;

constexpr std::size_t kLineBytes = 74;  // so that quoted-printable breaks none of them again

bool tells(const NoticeFacts& facts, Action action) {
  return std::any_of(facts.recipients.begin(), facts.recipients.end(),
                     [action](const NoticeRecipient& recipient) { return recipient.action == action; });
}

/// `text` in lines, each behind `indent` blanks. A word longer than a line keeps one of its own, so that a
/// link can still be followed.
std::string paragraph(std::string_view text, std::size_t indent) {
  std::string out;
  std::string line;
  for (std::string_view word : split(text, ' ')) {
    if (word.empty()) continue;
    if (!line.empty() && indent + line.size() + 1 + word.size() > kLineBytes) {
      out += std::string(indent, ' ') + line + "\r\n";
      line.clear();
    }
    if (!line.empty()) line += ' ';
    line += word;
  }
  return out + std::string(indent, ' ') + line + "\r\n";
}

/// RFC 3463 subject and detail, or a longer beginning of them, in words that help. First match wins; the
/// empty one takes the rest.
struct Advice {
  std::string_view status;
  const char* text;
};
constexpr Advice kAdvice[] = {
    {".1.8",
     "Your own address was not accepted. Please tell the person who looks after this machine: the mail "
     "provider must know the address that mail is sent from."},
    {".1.7",
     "Your own address was not accepted. Please tell the person who looks after this machine: the mail "
     "provider must know the address that mail is sent from."},
    {".1.", "Please check the address for a mistake, and send the message again to the right one."},
    {".2.2",
     "The recipient's mailbox is full. Please tell the recipient in another way, and send the message again "
     "later."},
    {".2.",
     "The recipient's mailbox does not take mail at present. Please reach the recipient in another way."},
    {".3.4",
     "The message is too large. Please send it without its attachments, or share them in another way."},
    {".4.7",
     "Please check the address and send the message again. If it fails again, reach the recipient in another "
     "way."},
    {".4.", "Please send the message again later."},
    {".6.",
     "The recipient's side cannot handle this kind of message. Please send it in a simpler form, as plain "
     "text."},
    {".7.",
     "The message was refused by a rule of the mail provider or of the recipient's side. The words above "
     "usually say which. If they do not help, please show this notice to the person who looks after this "
     "machine."},
    {"",
     "The words above usually say why. If they do not help, please show this notice to the person who looks "
     "after this machine."},
};

const char* advice(const NoticeRecipient& recipient, const NoticeFacts& facts) {
  if (recipient.in_doubt)
    return "The connection broke after the whole message had been sent, so it may have arrived all the same. "
           "Please ask the recipient before you send it again.";
  const std::string status = status_code(recipient, facts);
  for (const Advice& entry : kAdvice)
    if (std::string_view(status).substr(1).starts_with(entry.status)) return entry.text;
  return "";
}

/// Whose words follow, and at which point they fell.
std::string who_spoke(const NoticeRecipient& recipient) {
  const std::string host = recipient.upstream_host.empty() ? "" : " " + safe_host(recipient.upstream_host);
  if (recipient.reply.code == 0) return "What happened" + (host.empty() ? "" : " with" + host) + ":";
  return "The mail server" + host + " answered:";
}

std::string recipient_text(const NoticeRecipient& recipient, const NoticeFacts& facts) {
  std::string out = paragraph(printable(recipient.recipient.mailbox.completed(facts.mail_domain).text()), 2);
  if (recipient.reply != Reply{}) {
    out += paragraph(who_spoke(recipient), 4);
    out += paragraph(reply_line(recipient.reply), 6);
  }
  if (recipient.action == Action::Failed) out += paragraph(advice(recipient, facts), 4);
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
  if (facts.expired)
    return "I am sorry: your message could not be delivered to the following recipients. It was tried again "
           "and again until the "
           "time for it ran out, and it will not be tried any more.";
  return "I am sorry: your message could not be delivered to the following recipients, and it will not be "
         "tried again.";
}

/// Encoded words (RFC 2047) mean nothing to a person; the notice's own Subject carries them where a mail
/// program decodes them.
std::string subject_line(const NoticeFacts& facts) {
  const std::string& subject = facts.original_subject;
  if (subject.empty() || subject.find("=?") != std::string::npos) return {};
  return paragraph("Subject: " + printable(subject), 0);
}

}  // namespace

std::string notice_text(const NoticeFacts& facts) {
  std::string out =
      paragraph("This is the mail relay on " + safe_host(facts.reporting_mta) + ".", 0) + "\r\n";
  out += section(facts, Action::Failed, failed_opening(facts));
  out += section(facts, Action::Delayed,
                 "Your message has not been delivered yet to the following recipients. It is kept safely and "
                 "is being tried again; you "
                 "need not do anything, and need not send it again.");
  out += section(facts, Action::Relayed,
                 "Your message was passed on to the next mail server for the following recipients. That "
                 "server does not promise "
                 "to report what becomes of it.");
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
