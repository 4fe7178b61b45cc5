// MAIL and RCPT with all their parameters (SIZE, BODY, SMTPUTF8, RET, ENVID, AUTH; NOTIFY, ORCPT), parsed
// once into the values of the envelope. Pure; any thread.
#pragma once

#include <cstdint>
#include <string>

#include "mail/envelope.h"
#include "smtp/command.h"
#include "smtp/path.h"

namespace mailchute {

/// What of the protocol is in force for this client.
struct Dialect {
  std::string mail_domain;
  std::uint64_t message_bytes_max = 0;
  bool extended = false;  ///< It said EHLO: parameters are allowed at all.
  bool smtputf8 = false;
  bool logins = false;  ///< AUTH= may be said.
};

/// `argument` is what followed `MAIL `. A refusal is 501 for syntax, 555 for parameters that are not offered,
/// 552 for SIZE.
Parsed<Envelope> parse_mail(std::string_view argument, const Dialect& dialect);

/// `argument` is what followed `RCPT `; `envelope` is the transaction it belongs to.
Parsed<Recipient> parse_rcpt(std::string_view argument, const Dialect& dialect, const Envelope& envelope);

}  // namespace mailchute
