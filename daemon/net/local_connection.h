// A blocking connection to a unix socket of this machine, for the commands that talk to the daemon. Never in
// the daemon.
#pragma once

#include <string>

#include "base/descriptor.h"
#include "base/result.h"

namespace mailchute {

/// Sends and receives give up after `patience_seconds`, and so does the connecting itself while the daemon
/// takes nobody. Fails with code 69 when nothing listens at `path`, 75 when nobody answered in time, 77 when
/// we may not connect, 78 when no socket can have this path.
Result<Descriptor> connect_local(const std::string& path, int patience_seconds);

}  // namespace mailchute
