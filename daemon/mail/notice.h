// Writes a delivery status notification (RFC 3464 in a multipart/report, RFC 6522). Text for a person first,
// then the machine's part, then the header of the message it is about. Pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "mail/envelope.h"
#include "mail/message_id.h"
#include "mail/reply.h"

namespace mailchute {

/// One recipient the notice is about.
struct NoticeRecipient {
  Recipient recipient;
  enum class Action { Failed, Delayed, Relayed } action = Action::Failed;  ///< RFC 3464 2.3.3
  Reply reply;  ///< The verbatim words of the upstream, or code 0 and what happened.
  Stage stage = Stage::Connect;
  std::string upstream_host;  ///< Remote-MTA; empty when none was reached.
  bool in_doubt = false;
};

struct NoticeFacts {
  MessageId notice_id;
  MessageId id;               ///< Of the message it is about.
  std::string reporting_mta;  ///< Our host name.
  std::string mail_domain;
  Mailbox to;  ///< The sender of the message.
  std::vector<NoticeRecipient> recipients;
  std::string envelope_id;  ///< ENVID, xtext as received.
  WallTime arrived{};
  WallTime now{};
  bool expired = false;  ///< Given up after the queue's lifetime rather than refused.
  std::string
      original_header;  ///< Header section of the original, canonical, bounded by the caller; may be empty.
  std::string original_subject;
};

/// The whole message, canonical form (CRLF, 7-bit, lines of at most 998 bytes), with From, To, Date,
/// Message-ID and `Auto-Submitted: auto-replied`.
std::string write_notice(const NoticeFacts& facts);

}  // namespace mailchute
