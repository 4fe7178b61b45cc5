#include "base/clock.h"

#include <random>

namespace mailchute {

WallTime SystemClock::wall() const {
  return std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now());
}

SteadyTime SystemClock::steady() const {
  return std::chrono::time_point_cast<Duration>(std::chrono::steady_clock::now());
}

SystemRandom::SystemRandom() {
  std::random_device entropy;
  state_ = (static_cast<std::uint64_t>(entropy()) << 32) ^ entropy();
}

// SplitMix64 (Steele, Lea and Flood, 2014): one word of state and no bad seeds.
std::uint64_t SystemRandom::next() {
  std::uint64_t z = (state_ += 0x9E3779B97F4A7C15ULL);
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
  return z ^ (z >> 31);
}

}  // namespace mailchute
