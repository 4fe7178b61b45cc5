// Notices when the wall clock is moved, and keeps such a jump from making mail look old.
// A message expires when the wall says so AND the relay has had its whole lifetime to try it: after a jump
// forward the horizon of expiry stays behind by the jump for one lifetime of steady time. Mail taken before
// the jump so gets no less than its lifetime, mail taken after it is judged by the new time alone, and both
// end at the latest one lifetime late. After a start nothing is known of the time before, so nothing expires
// for the first hour (or lifetime, if that is shorter). Pure: reads no clock.
#pragma once

#include <optional>
#include <vector>

#include "base/clock.h"
#include "schedule/moment.h"

namespace mailchute {

class ClockWatch {
 public:
  ClockWatch(Moment start, Duration lifetime);

  /// Call at every wake-up. How far the wall was moved since the last call, or zero when it was not (what a
  /// time service corrects in small steps is no jump).
  Duration observe(Moment now);

  /// What claim_expired() may take for "now"; empty while nothing may expire at all.
  std::optional<WallTime> expiry_horizon(Moment now) const;

  /// When the horizon will make its next jump (a grace ends); empty when none runs.
  std::optional<SteadyTime> horizon_moves_at(Moment now) const;

  void set_lifetime(Duration lifetime) { lifetime_ = lifetime; }

 private:
  struct Jump {
    Duration by;
    SteadyTime forgotten_at;
  };

  void undo_forward(Duration back);

  Duration lifetime_;
  SteadyTime silent_until_;
  Moment last_;
  std::vector<Jump> jumps_;
};

}  // namespace mailchute
