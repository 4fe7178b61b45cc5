// What a user is shown of their mail in the queue, as it goes over the submit socket: JSON, both ways. In
// ASCII, bounded; text that comes in is not trusted. Pure; any thread.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "store/seen.h"

namespace mailchute {

/// As many entries as fit into about `bytes_max` bytes, one at least; the next page begins behind them. Of
/// the header nothing is told, and of long replies their beginning.
std::string encode_own_mail(const OwnMailPage& page, std::size_t bytes_max);

/// What mailq shows of it; other members are as in an empty message. Fails with code 74.
Result<OwnMailPage> decode_own_mail(std::string_view text);

/// A place in one word, and back; empty when it is none.
std::string place_text(const Place& place);
std::optional<Place> parse_place(std::string_view text);

}  // namespace mailchute
