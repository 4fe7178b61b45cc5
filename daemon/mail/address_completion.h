// Gives a domain to the bare names in a field of addresses: a name without one means a user of this machine,
// and nobody beyond it could tell which. Pure; any thread.
#pragma once

#include <string>
#include <string_view>

#include "mail/header.h"

namespace mailchute {

/// True for the fields whose addresses are completed: From, Sender, Reply-To, To, Cc, Bcc.
bool holds_addresses(const HeaderField& field);

/// `value` with `@domain` behind each bare name; nothing else changes, but that an entry which would make its
/// line longer than 998 bytes begins a new one. The same bytes when there is nothing to complete.
std::string complete_addresses(std::string_view value, std::string_view domain);

}  // namespace mailchute
