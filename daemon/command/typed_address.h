// Addresses as they are typed behind a command: bare, in angle brackets, with a name, several with commas
// between. They may come from somebody else than who typed them (a form on a web page), so that what is not
// plainly an address is refused. Pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "mail/mailbox.h"

namespace mailchute {

/// One word, one address or more. Fails with code 65 when the word holds what no address can (a control
/// character, bytes that are no UTF-8), 67 when it is none.
Result<std::vector<Mailbox>> typed_recipients(const std::string& word);

/// An address with its domain, and nothing else.
bool is_address(const std::string& text);

/// Exactly one; `<>` and nothing at all are the null sender. Fails with code 65.
Result<std::optional<Mailbox>> typed_sender(const std::string& word);

}  // namespace mailchute
