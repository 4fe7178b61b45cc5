#include "schedule/clock_watch.h"

#include <algorithm>

namespace mailchute {

namespace {

/// What a time service corrects at once without anyone calling it a jump.
constexpr Duration kJumpLeast = std::chrono::minutes(1);

/// A machine that sleeps each night jumps forward each morning; more jumps than this within a lifetime are
/// forgotten from the oldest on, which only lets mail expire as the wall clock says.
constexpr std::size_t kJumpsKept = 64;

/// After a start, and before mail that waited while the machine was off is given up, each upstream is tried.
constexpr Duration kSilenceAfterStart = std::chrono::hours(1);

}  // namespace

ClockWatch::ClockWatch(Moment start, Duration lifetime)
    : lifetime_(lifetime),
      silent_until_(start.steady + std::min(lifetime, kSilenceAfterStart)),
      last_(start) {}

Duration ClockWatch::observe(Moment now) {
  const Duration by = (now.wall - last_.wall) - (now.steady - last_.steady);
  last_ = now;
  std::erase_if(jumps_, [&](const Jump& jump) { return jump.forgotten_at <= now.steady; });
  if (by > -kJumpLeast && by < kJumpLeast) return Duration::zero();
  if (by < Duration::zero()) {
    undo_forward(-by);
    return by;
  }
  if (jumps_.size() == kJumpsKept) jumps_.erase(jumps_.begin());
  jumps_.push_back({by, now.steady + lifetime_});
  return by;
}

// Whoever set the clock wrong and then right again leaves nothing to be lenient about.
void ClockWatch::undo_forward(Duration back) {
  while (!jumps_.empty() && back > Duration::zero()) {
    Jump& latest = jumps_.back();
    const Duration undone = std::min(latest.by, back);
    latest.by -= undone;
    back -= undone;
    if (latest.by == Duration::zero()) jumps_.pop_back();
  }
}

std::optional<WallTime> ClockWatch::expiry_horizon(Moment now) const {
  if (now.steady < silent_until_) return std::nullopt;
  WallTime horizon = now.wall;
  for (const Jump& jump : jumps_)
    if (jump.forgotten_at > now.steady) horizon -= jump.by;
  return horizon;
}

std::optional<SteadyTime> ClockWatch::horizon_moves_at(Moment now) const {
  std::optional<SteadyTime> earliest;
  if (now.steady < silent_until_) earliest = silent_until_;
  for (const Jump& jump : jumps_)
    if (jump.forgotten_at > now.steady)
      earliest = std::min(earliest.value_or(jump.forgotten_at), jump.forgotten_at);
  return earliest;
}

}  // namespace mailchute
