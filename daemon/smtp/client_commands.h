// The lines a client says about a message, and the reasons not to say them at all. What comes out is safe to
// put on the wire whatever came in: envelopes are read from a store, and a store can be edited. Pure; any
// thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "mail/envelope.h"
#include "mail/reply.h"
#include "smtp/client_session.h"

namespace mailchute {

/// The name for EHLO: `configured` if it is a domain or an address literal (RFC 5321 4.1.1.1), else
/// `[127.0.0.1]`, which every server takes for a client without a name.
std::string ehlo_word(std::string_view configured);

/// `MAIL FROM:<...>` and its parameters, each only when its extension is offered; without CRLF. Only for what
/// refusal_before_sending() passes.
std::string mail_command(const OutgoingMessage& message, const Extensions& offered);

/// `RCPT TO:<...>`, likewise.
std::string recipient_command(const Recipient& recipient, const Extensions& offered);

/// Why the upstream cannot be given this message, found without asking it: code 0 "unsafe address"; 550 5.6.7
/// when SMTPUTF8 is needed and not offered (RFC 6531 3.2); 552 5.3.4 when it is larger than the offered SIZE
/// (RFC 1870 6.3), or than is known otherwise.
std::optional<Reply> refusal_before_sending(const OutgoingMessage& message, const Extensions& offered);

/// True when `<text>` is one path on the wire: no control byte anywhere, no blank or angle bracket outside of
/// a quoted local part.
bool is_safe_path(std::string_view text);

}  // namespace mailchute
