// The seam to time and chance: everything above it can be run on a clock that a test turns by hand.
// Loop thread only, except Clock, which any thread may read.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>

#include "base/unique_function.h"

namespace mailchute {

using Duration = std::chrono::milliseconds;

/// A moment of the calendar, UTC; it may jump either way. Kept in the database as milliseconds since 1970.
using WallTime = std::chrono::time_point<std::chrono::system_clock, Duration>;

/// A moment of a clock that never goes back, for deadlines; it means nothing to another process.
using SteadyTime = std::chrono::time_point<std::chrono::steady_clock, Duration>;

/// Reads the time.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual WallTime wall() const = 0;
  virtual SteadyTime steady() const = 0;
};

/// One deadline. Setting it again replaces the old one; destroying it clears it.
class Alarm {
 public:
  virtual ~Alarm() = default;

  /// Calls `then` once, `after` from now, on the loop thread, never from inside set().
  virtual void set(Duration after, UniqueFunction<void()> then) = 0;
  virtual void clear() = 0;
};

/// Makes alarms; they must not outlive it.
class Alarms {
 public:
  virtual ~Alarms() = default;
  virtual std::unique_ptr<Alarm> make_alarm() = 0;
};

/// Random bits for jitter and ids; not for secrets.
class Random {
 public:
  virtual ~Random() = default;
  virtual std::uint64_t next() = 0;
};

/// The machine's clocks.
class SystemClock final : public Clock {
 public:
  WallTime wall() const override;
  SteadyTime steady() const override;
};

/// Seeded once from the system's entropy.
class SystemRandom final : public Random {
 public:
  SystemRandom();
  std::uint64_t next() override;

 private:
  std::uint64_t state_;
};

}  // namespace mailchute
