// Feeds a text in pieces: a parser must not care where a network cuts.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace mailchute::test {

using Pieces = std::vector<std::string_view>;

inline Pieces byte_by_byte(std::string_view text) {
  Pieces pieces;
  for (std::size_t at = 0; at < text.size(); ++at) pieces.push_back(text.substr(at, 1));
  return pieces;
}

/// Calls `feed` with the whole text, with every way to cut it in two, and with single bytes.
template <typename Feed>
void for_every_split(std::string_view text, Feed feed) {
  for (std::size_t at = 0; at < text.size(); ++at) feed(Pieces{text.substr(0, at), text.substr(at)});
  feed(Pieces{text});
  feed(byte_by_byte(text));
}

}  // namespace mailchute::test
