// Chance that a seed repeats (splitmix64).
#pragma once

#include <cstdint>

#include "base/clock.h"

namespace mailchute::fake {

class FakeRandom final : public Random {
 public:
  explicit FakeRandom(std::uint64_t seed = 1) : state_(seed) {}

  std::uint64_t next() override {
    std::uint64_t mixed = (state_ += 0x9e3779b97f4a7c15U);
    mixed = (mixed ^ (mixed >> 30U)) * 0xbf58476d1ce4e5b9U;
    mixed = (mixed ^ (mixed >> 27U)) * 0x94d049bb133111ebU;
    return mixed ^ (mixed >> 31U);
  }

  /// 0 .. bound-1.
  std::uint64_t below(std::uint64_t bound) { return next() % bound; }

  /// True in `percent` of a hundred draws.
  bool chance(std::uint64_t percent) { return below(100) < percent; }

 private:
  std::uint64_t state_;
};

}  // namespace mailchute::fake
