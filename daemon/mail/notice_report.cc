#include "mail/notice_report.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "base/text.h"
#include "mail/header.h"
#include "mail/seven_bit.h"
#include "mail/trace.h"

namespace mailchute {

namespace {

constexpr std::size_t kSubjectBytes = 200;

std::string text_of(const ReportPart& part) {
  return header_line("Content-Type", {part.type}) +
         header_line("Content-Transfer-Encoding", {part.encoding}) + "\r\n" + part.content;
}

/// A line that stands in none of the parts: whoever wrote the original must not be able to end one.
std::string boundary_for(MessageId id, const std::string& parts) {
  const std::string base = "=_" + id.text() + ".";
  for (int number = 1;; ++number) {
    std::string boundary = base + std::to_string(number);
    if (parts.find(boundary) == std::string::npos) return boundary;
  }
}

/// An address beyond ASCII cannot stand in a seven-bit header; an empty group that bears it as its name can
/// (RFC 6857 3.1.8).
std::string listed(const Mailbox& to) {
  if (to.needs_utf8()) return encoded_words(to.text(), kSubjectBytes) + " :;";
  return "<" + to.text() + ">";
}

std::string to_field(const ReportHead& head) {
  std::string list;
  for (const Mailbox& to : head.to)
    list += (list.empty() ? "" : ", ") + listed(to.completed(head.mail_domain));
  return header_line("To", {list});
}

std::string top_header(const ReportHead& head, const std::string& boundary, const std::string& encoding) {
  const std::string domain = safe_host(head.mail_domain);
  std::string subject = head.title;
  if (!head.original_subject.empty()) subject += ": " + encoded_words(head.original_subject, kSubjectBytes);

  std::string out = header_line("From", {"Mail Delivery System <MAILER-DAEMON@" + domain + ">"});
  out += to_field(head);
  out += header_line("Subject", {subject});
  out += header_line("Date", {rfc5322_date(head.now)});
  out += header_line("Message-ID", {"<" + head.id.text() + "@" + domain + ">"});
  if (!head.original_message_id.empty())
    out += header_line("In-Reply-To", {head.original_message_id}) +
           header_line("References", {head.original_message_id});
  // RFC 3834 5: keeps vacation programs from answering a notice.
  out += header_line("Auto-Submitted", {"auto-replied"});
  out += header_line("MIME-Version", {"1.0"});
  if (encoding != "7bit") out += header_line("Content-Transfer-Encoding", {encoding});
  const std::string quoted_boundary = "boundary=\"" + boundary + "\"";
  return out +
         header_line("Content-Type", {"multipart/report; report-type=delivery-status;", quoted_boundary});
}

}  // namespace

ReportPart encoded_if_needed(std::string type, std::string content) {
  if (is_seven_bit(content)) return {std::move(type), "7bit", std::move(content)};
  return {std::move(type), "quoted-printable", quoted_printable(content)};
}

std::string write_report(const ReportHead& head, const std::vector<ReportPart>& parts) {
  std::string all;
  for (const ReportPart& part : parts) all += text_of(part);
  const std::string boundary = boundary_for(head.id, all);
  // RFC 2045 6.4: what holds an 8-bit part is 8-bit itself.
  const bool eight_bit =
      std::any_of(parts.begin(), parts.end(), [](const ReportPart& part) { return part.encoding == "8bit"; });

  std::string out = top_header(head, boundary, eight_bit ? "8bit" : "7bit") + "\r\n";
  for (const ReportPart& part : parts) out += "--" + boundary + "\r\n" + text_of(part) + "\r\n";
  return out + "--" + boundary + "--\r\n";
}

}  // namespace mailchute
