// A checksum against a disk that changes bits, not against a person: kept beside every piece of content and
// every address, so that damage is noticed before it is sent. Pure; any thread.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

namespace mailchute {

/// 64 bits over `bytes`, begun from `seed`. Each step can be undone, so a change within any one word always
/// changes the result.
inline std::int64_t checksum(std::string_view bytes, std::int64_t seed) {
  constexpr std::uint64_t kOdd = 0x9E3779B97F4A7C15;
  std::uint64_t sum = static_cast<std::uint64_t>(seed) ^ (bytes.size() * kOdd);
  const auto mix = [&](std::uint64_t word) {
    sum = (sum ^ word) * kOdd;
    sum ^= sum >> 29;
  };
  // Eight bytes a step: content of 50 MiB is summed too.
  for (; bytes.size() >= 8; bytes.remove_prefix(8)) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data(), 8);
    mix(word);
  }
  std::uint64_t rest = 0;
  if (!bytes.empty()) std::memcpy(&rest, bytes.data(), bytes.size());
  mix(rest);
  return static_cast<std::int64_t>(sum);
}

}  // namespace mailchute
