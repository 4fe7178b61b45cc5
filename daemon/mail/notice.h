// Writes a delivery status notification (RFC 3464 in a multipart/report, RFC 6522). Text for a person first,
// then the machine's part, then the message it is about, or its header. Pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "mail/envelope.h"
#include "mail/message_id.h"
#include "mail/reply.h"
#include "mail/verdict.h"

namespace mailchute {

/// One recipient the notice is about.
struct NoticeRecipient {
  Recipient recipient;
  enum class Action { Failed, Delayed, Relayed } action = Action::Failed;  ///< RFC 3464 2.3.3
  Reply reply;  ///< The verbatim words of the upstream, or code 0 and what happened.
  Stage stage = Stage::Connect;
  Blame blame = Blame::Message;
  std::string upstream_host;          ///< Remote-MTA; empty when none was reached.
  std::string explanation;            ///< What the reply means, in plain words; empty: no more than it says.
  std::vector<std::string> refusers;  ///< Hosts asked before, for which the message was too much as well.
  bool in_doubt = false;
  bool expired = false;                  ///< Failed: given up after the queue's lifetime, not refused.
  std::optional<WallTime> next_attempt;  ///< Delayed.
};

struct NoticeFacts {
  MessageId notice_id;
  MessageId id;               ///< Of the message it is about.
  std::string reporting_mta;  ///< Our host name.
  std::string mail_domain;
  std::vector<Mailbox> to;  ///< Who reads the notice: the sender, or whoever reads its mail. At least one.
  Mailbox sender;           ///< Of the message.
  std::vector<NoticeRecipient> recipients;
  std::string envelope_id;  ///< ENVID, xtext as received.
  WallTime arrived{};
  WallTime now{};
  WallTime expires{};  ///< Until when what is delayed is tried.
  std::string
      original_header;   ///< Header section of the original, canonical, bounded by the caller; may be empty.
  std::string original;  ///< The whole of it, to be returned instead of the header; empty: the header.
  std::string original_subject;
};

/// The whole message, canonical form, lines of at most 998 bytes, with From, To, Date, Message-ID and
/// `Auto-Submitted: auto-replied`. Seven-bit, unless an original that is not is returned whole. An original
/// with longer lines is not returned, only its header.
std::string write_notice(const NoticeFacts& facts);

}  // namespace mailchute
