// Whose turn a new message is, so that one app's flood delays itself and not the others: a sender who has not
// sent much lately goes ahead of those who have, and urgent mail goes ahead of both. The queue serves what
// has been due longest, so going ahead means to be due earlier. Pure; loop thread.
#pragma once

#include <string>
#include <unordered_map>

#include "base/clock.h"

namespace mailchute {

class Turns {
 public:
  enum class Urgency { Usual, Urgent };

  /// How long before its time a message of this sender, handed in by this party (accept/caller.h), is due:
  /// zero, or one of the two leads below. Takes one of the sender's turns and one of the party's; urgent mail
  /// takes them too, or everything would be. Whoever calls himself another with each message so gains
  /// nothing.
  Duration lead(const std::string& party, const std::string& sender, Urgency urgency, SteadyTime now);

  static constexpr Duration kLead = std::chrono::minutes(30);
  static constexpr Duration kUrgentLead = std::chrono::minutes(60);

 private:
  struct Purse {
    double turns = 0;
    SteadyTime filled{};
  };

  Purse& filled(const std::string& key, double turns_max, double turns_per_second, SteadyTime now);

  std::unordered_map<std::string, Purse> purses_;  ///< Of users, and of senders beside.
};

}  // namespace mailchute
