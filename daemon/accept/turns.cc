#include "accept/turns.h"

#include <algorithm>

namespace mailchute {

namespace {

/// A sender may be ahead of others with this many messages at once, and with one more every six seconds: a
/// night's cron mail is, a newsletter is not.
constexpr double kTurnsMax = 10;
constexpr double kTurnsPerSecond = 1.0 / 6;

/// A user may have two senders that are ahead, a site beside its cron jobs. A sender is what a client says,
/// the user is what the kernel knows.
constexpr double kSendersAhead = 2;

/// Users and senders that are remembered. Forgetting all of them gives everyone ten turns again.
constexpr std::size_t kSendersMax = 10'000;

std::string key_of(const std::string& party, const std::string& sender) { return party + '\0' + sender; }

}  // namespace

Duration Turns::lead(const std::string& party, const std::string& sender, Urgency urgency, SteadyTime now) {
  if (purses_.size() >= kSendersMax) purses_.clear();
  Purse& of_sender = filled(key_of(party, sender), kTurnsMax, kTurnsPerSecond, now);
  Purse& of_user = filled(party, kSendersAhead * kTurnsMax, kSendersAhead * kTurnsPerSecond, now);
  if (of_sender.turns < 1 || of_user.turns < 1) return Duration::zero();
  of_sender.turns -= 1;
  of_user.turns -= 1;
  return urgency == Urgency::Urgent ? kUrgentLead : kLead;
}

Turns::Purse& Turns::filled(const std::string& key, double turns_max, double turns_per_second,
                            SteadyTime now) {
  const auto [place, is_new] = purses_.try_emplace(key, Purse{turns_max, now});
  Purse& purse = place->second;
  const double seconds = static_cast<double>((now - purse.filled).count()) / 1000;
  purse.turns = std::min(turns_max, purse.turns + seconds * turns_per_second);
  purse.filled = now;
  return purse;
}

}  // namespace mailchute
