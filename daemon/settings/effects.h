// The one list of keys that are read and checked but change nothing in this release, so that `check` can say
// so and nobody relies on them. A key leaves the list in the commit that makes it work. Pure; any thread.
#pragma once

#include <span>
#include <string_view>

namespace mailchute {

/// `key` as in the schema: `queue.delay_notice`, `upstreams.*.rate`; `why` completes "has no effect yet: ".
struct NoEffect {
  std::string_view key;
  std::string_view why;
};

std::span<const NoEffect> keys_without_effect();

/// Null when the key (schema spelling) is in effect.
const NoEffect* without_effect(std::string_view key);

}  // namespace mailchute
