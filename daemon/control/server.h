// Serves HTTP on a listening socket with libmicrohttpd, driven by the loop: its epoll descriptor is watched,
// it has no thread of its own. The only user of microhttpd.h. Loop thread only.
#pragma once

#include <memory>

#include "base/descriptor.h"
#include "base/result.h"
#include "control/http.h"
#include "net/loop.h"

namespace mailchute {

class ControlServer {
 public:
  /// `listening` is a listening socket; who may connect is decided by its file mode. References must outlive
  /// the server.
  static Result<std::unique_ptr<ControlServer>> open(Loop& loop, Descriptor listening,
                                                     Operator& the_operator);
  virtual ~ControlServer() = default;
};

}  // namespace mailchute
