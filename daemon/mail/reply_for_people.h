// The bytes of a peer's reply as text. Old servers in China answer in GBK; what decides about mail compares
// bytes and never comes here. Any thread.
#pragma once

#include <string>
#include <string_view>

namespace mailchute {

/// `bytes` as they are when they are UTF-8, decoded when they are GBK from end to end, else as they are. Not
/// safe to show yet: printable() does that.
std::string reply_for_people(std::string_view bytes);

}  // namespace mailchute
