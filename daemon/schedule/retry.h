// When a message is tried again after an attempt of its own. Pure: reads no clock, draws no random number of
// its own; any thread. Whether it is tried at all any more is expiry: see clock_watch.h for the guard against
// a clock that is moved.
#pragma once

#include <cstdint>

#include "base/clock.h"
#include "settings/settings.h"

namespace mailchute {

/// The delay after the attempt that made the count `attempts` (1 or more): first x factor^(attempts-1), at
/// most max, then spread by +-jitter, so that what failed together is not tried together. `random` is any 64
/// bits. Never below a second.
Duration retry_delay(const Settings::Retry& retry, int attempts, std::uint64_t random);

/// The longest that retry_delay() can give: a next attempt further away than this was written by another
/// clock.
Duration retry_delay_max(const Settings::Retry& retry);

}  // namespace mailchute
