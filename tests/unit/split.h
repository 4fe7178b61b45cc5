// Feeds a script to a streaming parser in every way a network may cut it. What a parser makes of a script
// must not depend on where one read ended and the next began, and every fault of that kind shows with one cut
// or with single bytes.
#pragma once

#include <gtest/gtest.h>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace mailchute::test {

/// The reads in which a script arrives; views into the script.
using Pieces = std::vector<std::string_view>;

/// Calls `feed(pieces)` once for the whole script in one piece, once for each way to cut it in two, once for
/// each single byte that arrives alone between two pieces, and once byte by byte. `feed` builds a fresh
/// parser, gives it the pieces in order and holds the expectations; a failure names the cut. The first fatal
/// failure ends the walk.
template <typename Feed>
void for_every_split(std::string_view script, Feed feed) {
  const auto run = [&](const std::string& cut, const Pieces& pieces) {
    SCOPED_TRACE("script of " + std::to_string(script.size()) + " bytes, cut " + cut);
    feed(pieces);
    return !::testing::Test::HasFatalFailure();
  };

  if (!run("nowhere", {script})) return;
  for (std::size_t at = 1; at < script.size(); ++at)
    if (!run("at " + std::to_string(at), {script.substr(0, at), script.substr(at)})) return;
  for (std::size_t at = 1; at + 1 < script.size(); ++at)
    if (!run("around " + std::to_string(at),
             {script.substr(0, at), script.substr(at, 1), script.substr(at + 1)}))
      return;

  Pieces bytes;
  for (std::size_t at = 0; at < script.size(); ++at) bytes.push_back(script.substr(at, 1));
  run("at every byte", bytes);
}

}  // namespace mailchute::test
