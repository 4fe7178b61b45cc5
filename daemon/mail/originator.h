// The fields that say who a message is from and whom it is for (RFC 5322 3.6.2, 3.6.3), as an upstream wants
// to see them: From rewritten where it demands that, addresses without a domain completed. What needs no
// change stays byte by byte; Resent-* fields are never touched. docs/identity.md tells it to people. Pure;
// any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "mail/mailbox.h"

namespace mailchute {

struct OriginatorRules {
  std::optional<Mailbox> from;    ///< The address that From must have; empty: the app's stays.
  std::optional<Mailbox> sender;  ///< The envelope's, as it is sent: who a message without From is from.
  std::string mail_domain;        ///< Completes addresses that have no domain; empty: they stay.
  /// Whether the message goes with SMTPUTF8, so that addresses beyond ASCII may stand in what is written.
  enum class Utf8 { Refused, Allowed } utf8 = Utf8::Refused;
};

/// `section`, a header section without its empty line, as it is to be sent. With `from`: one From field with
/// that address alone and the name it had (the comment, the bare name, or text that is no address, where
/// there was no name); Sender likewise, if there is one; the addresses it had in Reply-To, unless there is
/// one, and in X-Original-From. A DKIM-Signature goes when From changes: it signed the old one (RFC
/// 6376 5.4). What is written is ASCII and folded, but for an address that Utf8::Allowed lets stand.
std::string with_originator(std::string_view section, const OriginatorRules& rules);

}  // namespace mailchute
