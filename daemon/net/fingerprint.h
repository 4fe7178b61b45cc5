// Tells one secret from another without revealing either. Any thread.
#pragma once

#include <string>
#include <string_view>

#include "base/secret.h"

namespace mailchute {

/// 16 hex digits of SHA-256 over salt and secret; empty for an empty secret. The salt keeps equal secrets of
/// two upstreams apart.
std::string secret_fingerprint(const Secret& secret, std::string_view salt);

/// Whether they are equal. How long that takes says nothing about where they differ.
bool same_secret(const Secret& one, const Secret& other);

}  // namespace mailchute
