// Whether text is ASCII: asked of every byte of a message, so eight of them at a time. Pure; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace mailchute {

inline bool is_ascii(char c) { return static_cast<unsigned char>(c) < 0x80; }

inline bool is_ascii(std::string_view text) {
  constexpr std::uint64_t kHighBits = 0x8080808080808080;
  std::uint64_t seen = 0;
  std::size_t at = 0;
  for (; at + sizeof seen <= text.size() && (seen & kHighBits) == 0; at += sizeof seen)
    std::memcpy(&seen, text.data() + at, sizeof seen);
  if ((seen & kHighBits) != 0) return false;
  for (; at < text.size(); ++at)
    if (!is_ascii(text[at])) return false;
  return true;
}

}  // namespace mailchute
