// The angle brackets of MAIL and RCPT (RFC 5321 4.1.2): finds the path, drops a source route, and makes a
// Mailbox of what is left. Pure; any thread.
#pragma once

#include <optional>
#include <string_view>

#include "mail/mailbox.h"
#include "smtp/command.h"

namespace mailchute {

/// Which side of the envelope a path stands on; the enhanced codes for a bad one differ (RFC 3463 3.2).
enum class Side { Sender, Recipient };

/// What stood between the brackets, without a source route, and what followed behind them.
struct Path {
  std::string_view address;
  std::string_view parameters;
};

/// `argument` is what followed MAIL or RCPT: `FROM:<a@b> SIZE=1`. Blanks between the colon and the bracket
/// are taken, since many programs write them; an address without brackets is not. The result points into
/// `argument`.
Parsed<Path> parse_path(std::string_view argument, Side side);

/// The mailbox of an address that is not empty; a bare local name gets `mail_domain`. 501 when it is none,
/// 553 5.6.7 when it would need SMTPUTF8 and `utf8` says that the client did not ask for it.
Parsed<Mailbox> parse_address(std::string_view address, Side side, Mailbox::Utf8 utf8,
                              std::string_view mail_domain);

}  // namespace mailchute
