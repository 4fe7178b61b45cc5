// Now, on both clocks: deadlines run on the steady one, what is shown and kept is the wall's. A value; any
// thread.
#pragma once

#include "base/clock.h"

namespace mailchute {

struct Moment {
  WallTime wall{};
  SteadyTime steady{};
};

/// Reads both clocks.
inline Moment moment(const Clock& clock) { return {clock.wall(), clock.steady()}; }

}  // namespace mailchute
