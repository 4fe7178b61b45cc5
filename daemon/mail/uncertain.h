// What becomes of a recipient whose message was sent whole and whose final reply never came: it may have been
// delivered (RFC 1047). A value; any thread.
#pragma once

#include <string_view>

namespace mailchute {

enum class UncertainPolicy {
  RetryOnce,  ///< Sent once more, with the same bytes and Message-ID; in doubt again, it is held.
  Hold,       ///< Kept for a person to decide.
  GiveUp,     ///< Not sent again; its sender is told that it may have arrived.
};

/// From the configuration's word: `retry_once`, `hold`, `give_up`.
constexpr UncertainPolicy uncertain_policy(std::string_view word) {
  if (word == "hold") return UncertainPolicy::Hold;
  return word == "give_up" ? UncertainPolicy::GiveUp : UncertainPolicy::RetryOnce;
}

}  // namespace mailchute
