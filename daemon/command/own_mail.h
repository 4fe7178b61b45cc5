// Asks the daemon, over the submit socket, what of the caller's mail waits: for those who may not read the
// queue themselves. Blocking; for commands.
#pragma once

#include <string>

#include "base/result.h"
#include "base/unique_function.h"
#include "store/seen.h"

namespace mailchute {

/// Calls `each` for page after page; one may be empty. Fails with code 69 when nothing listens at
/// `socket_path`, 75 when the daemon cannot tell now, 77 when we may not connect.
Result<void> read_own_mail(const std::string& socket_path, UniqueFunction<void(const OwnMailPage&)> each);

}  // namespace mailchute
