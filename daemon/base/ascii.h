// Whether text is ASCII: asked of every byte of a message, so 32 of them at a time. Pure; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace mailchute {

inline bool is_ascii(char c) { return static_cast<unsigned char>(c) < 0x80; }

inline bool is_ascii(std::string_view text) {
  constexpr std::uint64_t kHighBits = 0x8080808080808080;
  std::uint64_t words[4];
  for (; text.size() >= sizeof words; text.remove_prefix(sizeof words)) {
    std::memcpy(words, text.data(), sizeof words);
    if (((words[0] | words[1] | words[2] | words[3]) & kHighBits) != 0) return false;
  }
  for (const char c : text)
    if (!is_ascii(c)) return false;
  return true;
}

}  // namespace mailchute
