#include "mail/notice.h"

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <utility>

#include "base/ascii.h"
#include "base/text.h"
#include "mail/header.h"
#include "mail/notice_report.h"
#include "mail/notice_status.h"
#include "mail/notice_text.h"
#include "mail/seven_bit.h"

namespace mailchute {

namespace {

constexpr std::size_t kMessageIdBytes = 512;
constexpr std::size_t kOriginalHeaderBytes = 64 * 1024;
constexpr std::size_t kLineBytes = 998;  // RFC 5322 2.1.1

/// RFC 6533 4 wants another type for a header in UTF-8. One in some other charset is the usual type, which is
/// what RFC 6522 allows for broken ones.
bool is_global(std::string_view header) { return !is_ascii(header) && valid_utf8(header); }

ReportPart header_part(const NoticeFacts& facts) {
  std::string header = header_section(facts.original_header, kOriginalHeaderBytes);
  const char* type = is_global(header) ? "message/global-headers" : "text/rfc822-headers";
  return encoded_if_needed(type, std::move(header));
}

bool has_long_line(std::string_view content) {
  for (std::size_t at = 0; at < content.size();) {
    const std::size_t end = std::min(content.find("\r\n", at), content.size());
    if (end - at > kLineBytes) return true;
    at = end + 2;
  }
  return false;
}

/// A message inside a message may not be encoded (RFC 2046 5.2.1): it passes as it is, or not at all.
ReportPart original_part(const NoticeFacts& facts) {
  if (facts.original.empty() || has_long_line(facts.original)) return header_part(facts);
  const char* type = is_global(facts.original_header) ? "message/global" : "message/rfc822";
  return {type, is_seven_bit(facts.original) ? "7bit" : "8bit", facts.original};
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

}  // namespace

std::string write_notice(const NoticeFacts& facts) {
  ReportHead head;
  head.id = facts.notice_id;
  head.mail_domain = facts.mail_domain;
  head.to = facts.to;
  head.title = notice_title(facts);
  head.original_subject = facts.original_subject;
  head.now = facts.now;
  head.original_message_id = original_message_id(facts);
  return write_report(head, {encoded_if_needed("text/plain; charset=utf-8", notice_text(facts)),
                             {"message/delivery-status", "7bit", delivery_status(facts)},
                             original_part(facts)});
}

}  // namespace mailchute
