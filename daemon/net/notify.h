// Tells systemd how we are (sd_notify(3)): ready, stopping, reloading, alive. By hand: it is one datagram.
// Does nothing when nobody listens, and never waits. Loop thread only.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/descriptor.h"

namespace mailchute {

class Notifier {
 public:
  /// Tells nobody.
  Notifier() = default;

  /// Tells `$NOTIFY_SOCKET`, a path or an abstract name with '@', and heeds `$WATCHDOG_USEC` if
  /// `$WATCHDOG_PID` is absent or ours. Clears all three so that no child speaks for us. At start only,
  /// before there are threads.
  static Notifier from_environment();

  void ready() { send("READY=1"); }
  void stopping() { send("STOPPING=1"); }
  /// To be followed by ready() when the reload is done.
  void reloading();
  /// One line for `systemctl status`.
  void status(std::string_view line);
  void watchdog() { send("WATCHDOG=1"); }

  /// systemd kills us when it hears no watchdog() for so long; half of it is a good period. Empty: it does
  /// not watch.
  std::optional<Duration> watchdog_patience() const { return watchdog_patience_; }

 private:
  void send(std::string_view state);

  std::string address_;  // As in `sun_path`; an abstract one begins with NUL.
  Descriptor socket_;
  std::optional<Duration> watchdog_patience_;
};

}  // namespace mailchute
