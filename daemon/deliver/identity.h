// Who a message claims to come from on its way through one upstream. Decided for each attempt from today's
// settings: the stored message stays what the app sent. Pure; any thread.
#pragma once

#include <optional>

#include "mail/mailbox.h"
#include "mail/originator.h"
#include "settings/settings.h"

namespace mailchute {

/// The envelope sender for this upstream (`envelope_sender`: keep, login or an address). Providers that bind
/// the sender to the login refuse the null sender as well, so `login` and an address replace that too.
std::optional<Mailbox> envelope_sender_for(const std::optional<Mailbox>& sender,
                                           const UpstreamSettings& upstream);

/// What this upstream wants of the header (`header_from`: keep, login or an address). Where the null sender
/// is replaced, From: is too. `sender` is the app's; `utf8` is left to who knows what the upstream offers.
OriginatorRules originator_rules(const std::optional<Mailbox>& sender, const UpstreamSettings& upstream);

}  // namespace mailchute
