#include "accept/turns.h"

#include <algorithm>

namespace mailchute {

namespace {

/// A sender may be ahead of others with this many messages at once, and with one more every six seconds: a
/// night's cron mail is, a newsletter is not.
constexpr double kTurnsMax = 10;
constexpr double kTurnsPerSecond = 1.0 / 6;

/// Senders that are remembered. Forgetting all of them gives everyone ten turns again.
constexpr std::size_t kSendersMax = 10'000;

std::string key_of(const std::string& party, const std::string& sender) { return party + '\0' + sender; }

}  // namespace

Duration Turns::lead(const std::string& party, const std::string& sender, Urgency urgency, SteadyTime now) {
  if (purses_.size() >= kSendersMax) purses_.clear();
  const auto [place, is_new] = purses_.try_emplace(key_of(party, sender), Purse{kTurnsMax, now});
  Purse& purse = place->second;
  const double seconds = static_cast<double>((now - purse.filled).count()) / 1000;
  purse.turns = std::min(kTurnsMax, purse.turns + seconds * kTurnsPerSecond);
  purse.filled = now;
  if (purse.turns < 1) return Duration::zero();
  purse.turns -= 1;
  return urgency == Urgency::Urgent ? kUrgentLead : kLead;
}

}  // namespace mailchute
