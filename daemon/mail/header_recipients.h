// What `sendmail -t` makes of a header section: whom it names as recipients, and the section as it may be
// sent to them. Pure; any thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "mail/mailbox.h"

namespace mailchute {

struct HeaderRecipients {
  std::vector<Mailbox> mailboxes;  ///< In order, each once; bare names too.
  std::vector<std::string> wrong;  ///< Entries that are no address, as they are written.
};

/// The addresses of To, Cc and Bcc. Where the section has Resent-To, Resent-Cc or Resent-Bcc, those alone
/// count (RFC 5322 3.6.6), up to where the fields of an earlier resending begin. An entry counts only when it
/// is written as RFC 5322 writes it: of one that can be read in two ways nobody knows which was meant.
HeaderRecipients header_recipients(std::string_view section);

/// The section without Bcc and Resent-Bcc (RFC 5322 3.6.3); all other bytes as they were.
std::string without_blind_copies(std::string_view section);

/// Whether the section has this field.
bool has_field(std::string_view section, std::string_view name);

}  // namespace mailchute
