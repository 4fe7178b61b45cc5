// What a transaction says about a message, apart from its content (RFC 5321 2.3.1, RFC 3461 for the DSN
// words). Values; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "mail/mailbox.h"

namespace mailchute {

/// RFC 3461 4.1. No flag set means that the client did not say: failure notices only.
struct Notify {
  bool never = false;
  bool success = false;
  bool failure = false;
  bool delay = false;

  bool said() const { return never || success || failure || delay; }
  bool operator==(const Notify&) const = default;
};

/// One RCPT TO with its parameters.
struct Recipient {
  Mailbox mailbox;
  Notify notify;
  std::string original;  ///< ORCPT as received, still xtext-encoded, e.g. `rfc822;bob@example.org`; empty
                         ///< when absent.
};

/// RFC 3461 4.3.
enum class Return { Unsaid, Full, Headers };

/// BODY= (RFC 6152). BINARYMIME is not offered.
enum class Body { Unsaid, SevenBit, EightBit };

/// One transaction. Lives from MAIL to the end of data, as one value, so that no half of it can be left
/// behind.
struct Envelope {
  std::optional<Mailbox> sender;  ///< Empty: the null sender `<>`.
  std::vector<Recipient> recipients;
  Body body = Body::Unsaid;
  bool smtputf8 = false;
  Return ret = Return::Unsaid;
  std::string envelope_id;           ///< ENVID as received, xtext; empty when absent.
  std::uint64_t declared_bytes = 0;  ///< SIZE=; 0 when absent.
};

/// The text of a sender: the mailbox, or nothing for the null sender.
inline std::string sender_text(const std::optional<Mailbox>& sender) {
  return sender ? sender->text() : std::string();
}

}  // namespace mailchute
