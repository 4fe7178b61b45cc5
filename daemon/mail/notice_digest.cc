#include "mail/notice_digest.h"

#include <algorithm>

#include "base/text.h"
#include "mail/header.h"
#include "mail/notice_report.h"
#include "mail/notice_status.h"
#include "mail/notice_words.h"
#include "mail/trace.h"

namespace mailchute {

namespace {

using Entry = DigestFacts::Entry;

constexpr std::size_t kSubjectBytes = 100;

std::string title(const DigestFacts& facts) {
  return "Undelivered mail: " + std::to_string(facts.count) +
         (facts.count == 1 ? " more" : " more of a kind");
}

std::string entry_text(const Entry& entry, const DigestFacts& facts) {
  const std::string address = entry.recipient.recipient.mailbox.completed(facts.mail_domain).text();
  std::string out = paragraph(entry.id.text() + " to " + printable(address), 2);
  if (!entry.subject.empty() && entry.subject.find("=?") == std::string::npos)
    out += paragraph("Subject: " + printable(entry.subject, kSubjectBytes), 4);
  return out + paragraph(reply_line(entry.recipient.reply), 4) + "\r\n";
}

std::string opening(const DigestFacts& facts) {
  return "I am sorry: after the failure that you were told of about " + rfc5322_date(facts.since) + ", " +
         std::to_string(facts.count) +
         " more of your mail failed for the same reason, and will not be tried again. So that you do not get "
         "a notice for each, here they are together: the name in the queue, the recipient, and what was "
         "said.";
}

std::string rest(const DigestFacts& facts) {
  if (facts.count <= facts.entries.size()) return {};
  return paragraph("And " + std::to_string(facts.count - facts.entries.size()) +
                       " more. All of them are listed by:",
                   0) +
         paragraph("mailchute queue list --state failed --from " + printable(facts.sender.text()), 2) +
         "\r\n";
}

/// What the reply means and what to do is the same for all: it is said once.
std::string reason(const DigestFacts& facts) {
  if (facts.entries.empty()) return {};
  const NoticeRecipient& first = facts.entries.front().recipient;
  const std::string meaning = first.explanation.empty() ? std::string() : paragraph(first.explanation, 0);
  return meaning + paragraph(advice(first), 0);
}

std::string digest_text(const DigestFacts& facts) {
  std::string out =
      paragraph("This is the mail relay on " + safe_host(facts.reporting_mta) + ".", 0) + "\r\n";
  out += paragraph(opening(facts), 0) + "\r\n";
  for (const Entry& entry : facts.entries) out += entry_text(entry, facts);
  return out + rest(facts) + reason(facts) + paragraph("Sent by: " + printable(facts.sender.text()), 0);
}

std::string digest_status(const DigestFacts& facts) {
  std::string out = header_line("Reporting-MTA", {"dns; " + safe_host(facts.reporting_mta)});
  for (const Entry& entry : facts.entries) {
    out += "\r\n" + recipient_status(entry.recipient, facts.mail_domain);
    out += message_status(entry.id, entry.envelope_id, "X-Mailchute-Envelope-Id");
  }
  return out;
}

}  // namespace

std::string write_digest(const DigestFacts& facts) {
  ReportHead head;
  head.id = facts.notice_id;
  head.mail_domain = facts.mail_domain;
  head.to = facts.to;
  head.title = title(facts);
  head.now = facts.now;
  return write_report(head, {encoded_if_needed("text/plain; charset=utf-8", digest_text(facts)),
                             {"message/delivery-status", "7bit", digest_status(facts)}});
}

}  // namespace mailchute
