// Who answers at an address: connects, reads one line, and says goodbye. Blocking, within its patience; for
// commands.
#pragma once

#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "net/address.h"

namespace mailchute {

/// The first line that is said there, without its end; bytes of a stranger. The error's code is 69 when
/// nobody listens, 68 when this machine has no such address, 75 when nothing was said in time.
Result<std::string> greeting_at(const SocketAddress& address, Duration patience);

/// True for the greeting of a mailchute.
bool is_our_greeting(const std::string& greeting);

}  // namespace mailchute
