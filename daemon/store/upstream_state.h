// What is kept of upstreams from run to run: how each fares, and what it was given. Values; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "mail/reply.h"

namespace mailchute {

/// What an upstream with a limit was given in a minute.
struct Spending {
  std::string upstream;
  WallTime minute{};  ///< Its beginning.
  std::uint64_t messages = 0;
  std::uint64_t recipients = 0;
};

/// To whom an upstream refused messages in the same words, one after the other (deliver/refusal_row.h).
struct RefusedAlike {
  std::string words;                    ///< Stage, code and first words.
  std::vector<std::string> recipients;  ///< A few at most.
  bool operator==(const RefusedAlike&) const = default;
};

/// An upstream's state that must survive a restart.
struct UpstreamState {
  std::string name;
  std::string trouble;  ///< `none`, `connection`, `rate`, `login`, `quota` or `person`.
  int failures = 0;     ///< In a row.
  std::optional<WallTime> cooling_until;
  bool paused = false;  ///< By the operator.
  Stage stage = Stage::Connect;
  Reply reply;  ///< Why.
  std::optional<WallTime> last_success;
  std::string secret_fingerprint;  ///< Salted; tells a new secret from the old one, reveals neither.
  /// When logins came to nothing, or had not been answered yet: the last few, oldest first.
  std::vector<WallTime> refused_logins = {};
  RefusedAlike refused_alike = {};
};

/// What is known of upstreams from earlier runs.
struct UpstreamMemory {
  std::vector<UpstreamState> states;
  std::vector<Spending> spendings;                ///< Of a day and more, oldest first.
  std::vector<std::string> narrowed_routes = {};  ///< Of what waits or is held.
};

}  // namespace mailchute
