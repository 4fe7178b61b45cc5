// The composition root of `run`: builds the stages, wires their seams, starts them in order and stops them in
// order. The only place that knows all of them; holds no rule about mail. Loop thread only.
#pragma once

#include <memory>
#include <vector>

#include "base/result.h"
#include "net/inherited.h"
#include "settings/load.h"

namespace mailchute {

/// A daemon that is built and listening, but does not run yet.
class Relay {
 public:
  /// Opens the queue, takes the sockets (systemd's where it passed some), and makes everything ready. An
  /// error leaves nothing behind. `loaded` must hold settings; `load_options` are kept for reloads. `bound`:
  /// sockets that were bound beforehand, by the names that systemd would give them.
  static Result<std::unique_ptr<Relay>> build(Loaded loaded, LoadOptions load_options,
                                              std::vector<InheritedSocket> bound);

  virtual ~Relay() = default;

  /// Runs until a signal ends it or the queue breaks; gives the process exit status: 0, or 74 when the queue
  /// is broken.
  virtual int run() = 0;
};

}  // namespace mailchute
