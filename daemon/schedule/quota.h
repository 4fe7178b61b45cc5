// How much of an upstream's allowance is used up: counts what was sent in the last second, minute, hour or
// day against `rate` and `quota`, and says how much more may go and when the next may. Windows slide: what
// was sent an hour ago makes room now, not at the full hour, because nobody knows where a provider's hour
// begins. Pure: reads no clock, touches no store. Loop thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "schedule/moment.h"
#include "settings/settings.h"
#include "store/queue.h"

namespace mailchute {

class Quota {
 public:
  /// How much may be sent now. Without a limit both are the largest number there is.
  struct Room {
    std::size_t messages = std::numeric_limits<std::size_t>::max();
    std::size_t recipients = std::numeric_limits<std::size_t>::max();
  };

  /// A limit that is reached.
  struct Held {
    SteadyTime until;    ///< When at least one message may go again.
    std::string reason;  ///< `500 messages in a day are used up`.
  };

  /// `rate` counts messages, `quota` messages and recipients under these names. None of them: no limit.
  Quota(const std::optional<Rate>& rate, const std::map<std::string, Rate>& quota);

  /// What was sent before the daemon was started, by the minute, oldest first. A minute that lies ahead (the
  /// clock was set back) counts as now.
  void restore(const std::vector<Spending>& spendings, Moment now);

  /// One message went out, for so many recipients.
  void spend(std::size_t recipients, SteadyTime now);

  Room room(SteadyTime now);
  std::optional<Held> held(SteadyTime now);

  bool limited() const { return !windows_.empty(); }

  /// What another has counted, for windows of the same length: a reload forgets nothing.
  void take_over(const Quota& old);

 private:
  struct Sent {
    SteadyTime first;
    SteadyTime last;
    std::uint64_t count = 0;
  };
  struct Window {
    enum class Of { Messages, Recipients } of = Of::Messages;
    Rate limit;
    std::deque<Sent> sent;  ///< Oldest first; gathered into sixtieths of the window.
    std::uint64_t sum = 0;

    void add(std::uint64_t count, SteadyTime at);
    void forget(SteadyTime now);
    std::uint64_t left(SteadyTime now);
  };

  void add(Window::Of of, const Rate& limit);
  void add(std::uint64_t messages, std::uint64_t recipients, SteadyTime at);

  std::vector<Window> windows_;
};

}  // namespace mailchute
