// Moments as people type them: how long ago, a date, a time, a day of the week, in the zone that the
// environment names. Reads the zone's tables, no clock. Main thread.
#pragma once

#include <string>

#include "base/clock.h"
#include "base/result.h"

namespace mailchute {

/// `2h` (before `now`), `2026-11-17`, `2026-11-17T14:30`, with seconds and a `Z` behind it if wanted, and
/// what day_of() takes; a day means its beginning. To the second. Fails with code 64.
Result<WallTime> moment_of(const std::string& text, WallTime now);

/// A whole day, up to the beginning of the next.
struct Day {
  WallTime begins{};
  WallTime ends{};
};

/// `2026-11-17`, `today`, `yesterday`, or `tue`, `tuesday`: the last one before today. Fails with code 64.
Result<Day> day_of(const std::string& text, WallTime now);

/// `14:30` for a moment of today's, else `2026-11-17 14:30`.
std::string local_time(WallTime time, WallTime now);

}  // namespace mailchute
