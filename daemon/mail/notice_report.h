// The frame of every notice: a multipart/report (RFC 6522) whose header no vacation program answers and which
// nothing that a peer wrote can leave. Pure; any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "mail/mailbox.h"
#include "mail/message_id.h"

namespace mailchute {

struct ReportHead {
  MessageId id;  ///< Of the notice.
  std::string mail_domain;
  std::vector<Mailbox> to;
  std::string title;             ///< ASCII.
  std::string original_subject;  ///< Stands behind the title; may be empty.
  WallTime now{};
  std::string original_message_id;  ///< With its angle brackets; empty: none to refer to.
};

/// One part: its own header fields and its content.
struct ReportPart {
  std::string type;  ///< Of the Content-Type field.
  std::string encoding = "7bit";
  std::string content;
};

/// As it is where it is seven-bit, else quoted-printable.
ReportPart encoded_if_needed(std::string type, std::string content);

/// The whole message. Seven-bit when all parts are.
std::string write_report(const ReportHead& head, const std::vector<ReportPart>& parts);

}  // namespace mailchute
