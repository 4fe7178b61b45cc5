// A mail provider as the simulation sees it: what it does with connections and messages, and the memory of
// what it really took, which is the truth that the queue's record is held against.
#pragma once

#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/clock.h"
#include "mail/message_id.h"

namespace mailchute::sim {

/// One message for one address.
using Letter = std::pair<MessageId, std::string>;

/// What all providers together know.
struct Truth {
  std::map<Letter, int> copies;  ///< Accepted after the final dot.
  std::map<Letter, int> judged;  ///< Answers about the letter, as against troubles of the upstream.
  std::set<Letter> refused;      ///< Got a permanent answer.
  std::set<Letter> doubtful;     ///< A final reply was lost, or nobody was left to hear it.
};

struct Provider {
  /// Blocked: everybody is refused in the same words.
  enum class Mood { Fine, Down, BadPassword, Frequency, Blocked };

  Mood mood = Mood::Fine;
  std::size_t moods = 0;    ///< How often it changed.
  bool faults = true;       ///< Lost replies, closed connections and the like happen by chance.
  std::size_t answers = 0;  ///< Letters judged so far: each takes a ladder down.

  struct RefusedLogin {
    SteadyTime at;
    std::size_t answers;
  };
  std::vector<RefusedLogin> refused_logins;
};

/// What a provider says while it is blocked.
inline std::string blocked_text(const std::string& name, const Provider& provider) {
  return "Transaction failed " + std::to_string(provider.moods) + "-" + name;
}

}  // namespace mailchute::sim
