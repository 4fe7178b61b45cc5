// How long a session is willing to wait, told to whoever holds the clock. Pure values; any thread.
#pragma once

#include <cstdint>

#include "base/clock.h"

namespace mailchute {

/// The pump sets its alarm anew only when `epoch` has changed: a peer that drips one byte at a time does not
/// gain time.
struct Patience {
  Duration limit{};         ///< Zero: wait as long as it takes (we owe the next step, not the peer).
  std::uint64_t epoch = 0;  ///< Grows with every new thing that is waited for.
};

}  // namespace mailchute
