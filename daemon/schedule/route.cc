#include "schedule/route.h"

#include <algorithm>
#include <cstdint>

#include "base/text.h"
#include "mail/envelope.h"

namespace mailchute {

namespace {

std::string joined(const std::vector<std::string>& names) {
  std::string route;
  for (const std::string& name : names) {
    if (!route.empty()) route += ',';
    route += name;
  }
  return route;
}

/// FNV-1a, 64 bits: the same on every machine and in every version, which std::hash is not.
class Hash {
 public:
  void add(std::string_view text) {
    for (const char byte : text) mix(static_cast<unsigned char>(byte));
    mix(0);  // "ab","c" is not "a","bc"
  }
  std::string hex() const {
    std::string digits;
    for (int shift = 60; shift >= 0; shift -= 4) digits += "0123456789abcdef"[(value_ >> shift) & 15U];
    return digits;
  }

 private:
  void mix(unsigned char byte) { value_ = (value_ ^ byte) * 0x100000001b3U; }
  std::uint64_t value_ = 0xcbf29ce484222325U;
};

}  // namespace

std::string choose_route(const std::vector<RouteSettings>& routes, const std::optional<Mailbox>& sender,
                         const Mailbox& recipient) {
  const std::string from = sender_text(sender);
  const std::string to = recipient.text();
  const auto match = std::find_if(routes.begin(), routes.end(), [&](const RouteSettings& route) {
    return matches_pattern(route.from, from) && matches_pattern(route.to, to);
  });
  return match == routes.end() ? std::string() : joined(match->via);
}

std::vector<std::string> all_routes(const std::vector<RouteSettings>& routes) {
  std::vector<std::string> distinct;
  for (const RouteSettings& route : routes) {
    std::string name = joined(route.via);
    const bool known = std::find(distinct.begin(), distinct.end(), name) != distinct.end();
    if (!known && !name.empty()) distinct.push_back(std::move(name));
  }
  return distinct;
}

std::string routing_fingerprint(const std::vector<RouteSettings>& routes) {
  Hash hash;
  for (const RouteSettings& route : routes) {
    hash.add(route.from);
    hash.add(route.to);
    hash.add(joined(route.via));
  }
  return hash.hex();
}

}  // namespace mailchute
