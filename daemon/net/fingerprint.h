// A mark that tells one secret from another without revealing either. Any thread.
#pragma once

#include <string>
#include <string_view>

#include "base/secret.h"

namespace mailchute {

/// 16 hex digits of SHA-256 over salt and secret; empty for an empty secret. The salt keeps equal secrets of
/// two upstreams apart.
std::string secret_fingerprint(const Secret& secret, std::string_view salt);

}  // namespace mailchute
