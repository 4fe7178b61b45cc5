// Writes the notice that tells many failures at once: those of one sender for one reason that followed a
// first one, which had a notice of its own. Pure; any thread.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/clock.h"
#include "mail/message_id.h"
#include "mail/notice.h"

namespace mailchute {

struct DigestFacts {
  /// One failure, with the message it belongs to.
  struct Entry {
    MessageId id;
    std::string subject;
    std::string envelope_id;  ///< ENVID, xtext as received.
    NoticeRecipient recipient;
  };

  MessageId notice_id;
  std::string reporting_mta;
  std::string mail_domain;
  std::vector<Mailbox> to;
  Mailbox sender;  ///< Of the messages.
  std::vector<Entry> entries;
  std::size_t count = 0;  ///< Failures in all; more than there are entries: the rest is not listed.
  WallTime since{};       ///< When the first of its kind was told.
  WallTime now{};
};

/// The whole message, seven-bit, as write_notice()'s but without an original. RFC 3464 speaks of one message
/// a report; here each recipient's group names its own.
std::string write_digest(const DigestFacts& facts);

}  // namespace mailchute
