// How a command talks to the running daemon: one HTTP/1.0 request over the control socket, blocking. For
// commands only, never in the daemon.
#pragma once

#include <string>

#include "base/result.h"
#include "control/http.h"

namespace mailchute {

/// Fails with code 69 when nothing listens at `socket_path`, 77 when we may not connect, 74 when the answer
/// is cut short or does not come within ten minutes.
Result<HttpAnswer> ask_daemon(const std::string& socket_path, const std::string& method,
                              const std::string& path, const std::string& body);

}  // namespace mailchute
