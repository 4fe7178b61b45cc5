#include "mail/notice.h"

#include <algorithm>
#include <string_view>

#include "base/text.h"
#include "mail/header.h"
#include "mail/notice_status.h"
#include "mail/notice_text.h"
#include "mail/seven_bit.h"
#include "mail/trace.h"

namespace mailchute {

namespace {

constexpr std::size_t kSubjectBytes = 200;
constexpr std::size_t kMessageIdBytes = 512;
constexpr std::size_t kOriginalHeaderBytes = 64 * 1024;

/// One part of the report: its own header fields and its content, both seven-bit.
struct Part {
  std::string type;  ///< Of the Content-Type field.
  std::string encoding = "7bit";
  std::string content;

  std::string text() const {
    return header_line("Content-Type", {type}) + header_line("Content-Transfer-Encoding", {encoding}) +
           "\r\n" + content;
  }
};

Part encoded_if_needed(std::string type, std::string content) {
  if (is_seven_bit(content)) return {std::move(type), "7bit", std::move(content)};
  return {std::move(type), "quoted-printable", quoted_printable(content)};
}

Part human_part(const NoticeFacts& facts) {
  return encoded_if_needed("text/plain; charset=utf-8", notice_text(facts));
}

Part machine_part(const NoticeFacts& facts) {
  return {"message/delivery-status", "7bit", delivery_status(facts)};
}

/// RFC 6522 4, and RFC 6533 4 for a header in UTF-8. A header in some other charset is the first kind,
/// encoded, which RFC 6522 allows for broken ones.
Part header_part(const NoticeFacts& facts) {
  std::string header = header_section(facts.original_header, kOriginalHeaderBytes);
  const bool ascii =
      std::all_of(header.begin(), header.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
  const bool global = !ascii && valid_utf8(header);
  return encoded_if_needed(global ? "message/global-headers" : "text/rfc822-headers", std::move(header));
}

/// A line that stands in none of the parts: whoever wrote the original header must not be able to end one.
std::string boundary_for(const NoticeFacts& facts, const std::string& parts) {
  const std::string base = "=_" + facts.notice_id.text() + ".";
  for (int number = 1;; ++number) {
    std::string boundary = base + std::to_string(number);
    if (parts.find(boundary) == std::string::npos) return boundary;
  }
}

/// An address beyond ASCII cannot stand in a seven-bit header; an empty group that bears it as its name can
/// (RFC 6857 3.1.8).
std::string to_field(const NoticeFacts& facts) {
  const Mailbox to = facts.to.completed(facts.mail_domain);
  if (to.needs_utf8()) return header_line("To", {encoded_words(to.text(), kSubjectBytes) + " :;"});
  return header_line("To", {"<" + to.text() + ">"});
}

/// The Message-ID of the original when it is one that can be repeated safely; ties the notice to it in a mail
/// program.
std::string original_message_id(const NoticeFacts& facts) {
  HeaderReader reader(facts.original_header);
  while (const auto field = reader.next()) {
    if (!field->is("Message-ID")) continue;
    std::string id = unfolded(field->value, kMessageIdBytes);
    const bool graphic = std::all_of(id.begin(), id.end(), [](char c) { return c > ' ' && c <= '~'; });
    const bool framed =
        id.size() > 2 && id.size() < kMessageIdBytes && id.front() == '<' && id.find('>') == id.size() - 1;
    return graphic && framed ? id : std::string();
  }
  return {};
}

std::string top_header(const NoticeFacts& facts, const std::string& boundary) {
  const std::string domain = safe_host(facts.mail_domain);
  std::string subject = notice_title(facts);
  if (!facts.original_subject.empty()) subject += ": " + encoded_words(facts.original_subject, kSubjectBytes);

  std::string out = header_line("From", {"Mail Delivery System <MAILER-DAEMON@" + domain + ">"});
  out += to_field(facts);
  out += header_line("Subject", {subject});
  out += header_line("Date", {rfc5322_date(facts.now)});
  out += header_line("Message-ID", {"<" + facts.notice_id.text() + "@" + domain + ">"});
  const std::string original = original_message_id(facts);
  if (!original.empty())
    out += header_line("In-Reply-To", {original}) + header_line("References", {original});
  // RFC 3834 5: keeps vacation programs from answering a notice.
  out += header_line("Auto-Submitted", {"auto-replied"});
  out += header_line("MIME-Version", {"1.0"});
  const std::string quoted_boundary = "boundary=\"" + boundary + "\"";
  return out +
         header_line("Content-Type", {"multipart/report; report-type=delivery-status;", quoted_boundary});
}

}  // namespace

std::string write_notice(const NoticeFacts& facts) {
  const std::string parts[] = {human_part(facts).text(), machine_part(facts).text(),
                               header_part(facts).text()};
  const std::string boundary = boundary_for(facts, parts[0] + parts[1] + parts[2]);

  std::string out = top_header(facts, boundary) + "\r\n";
  for (const std::string& part : parts) out += "--" + boundary + "\r\n" + part + "\r\n";
  return out + "--" + boundary + "--\r\n";
}

}  // namespace mailchute
