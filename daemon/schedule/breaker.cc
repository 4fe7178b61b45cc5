#include "schedule/breaker.h"

#include <algorithm>
#include <utility>

namespace mailchute {

namespace {

using Trouble = Breaker::Trouble;

/// An upstream that says "slow down" wants minutes at least; less only makes it angrier (some count each try
/// against the account).
constexpr Duration kRateFirst = std::chrono::minutes(10);

/// A quota of a day opens at midnight somewhere, or bit by bit: an hour is soon enough to see.
constexpr Duration kQuotaFirst = std::chrono::hours(1);

/// No pause of a rule is longer, but for what chance adds.
constexpr Duration kPauseMost = std::chrono::hours(24);

/// Clocks differ, and everyone else knocks at the first second of the day.
constexpr Duration kAfterMidnight = std::chrono::minutes(5);

constexpr Duration kHour = std::chrono::hours(1);
constexpr Duration kLoginsApart = std::chrono::minutes(10);

/// Servers close connections after so many messages or minutes, and with several connections they may all do
/// so at once.
constexpr int kStumblesForgiven = 2;

/// No cooldown is shorter, whatever is configured: it is what stands between an outage and a busy loop.
constexpr Duration kCooldownLeast{100};

Ladder ladder(Trouble kind, const Settings::Cooldown& cooldown) {
  switch (kind) {
    case Trouble::Login:
    case Trouble::Person: return {cooldown.login_first, cooldown.login_max};
    case Trouble::Rate: return {kRateFirst, std::max(kRateFirst, cooldown.login_max)};
    case Trouble::Quota: return {kQuotaFirst, std::max(kQuotaFirst, cooldown.login_max)};
    case Trouble::None:
    case Trouble::Connection: break;
  }
  return {cooldown.connect_first, cooldown.connect_max};
}

/// The step `failures` (1 or more) of a ladder that doubles.
Duration step(const Ladder& ladder, int failures) {
  Duration length = std::max(ladder.first, kCooldownLeast);
  const Duration top = std::max(ladder.max, length);
  for (int i = 1; i < failures && length < top; ++i) length *= 2;
  return std::min(length, top);
}

/// Until shortly after the next midnight on a clock `ahead` of UTC.
Duration until_day_end(Duration ahead, WallTime now) {
  constexpr Duration kDay = std::chrono::hours(24);
  const Duration of_day = (std::chrono::duration_cast<Duration>(now.time_since_epoch()) + ahead) % kDay;
  return (of_day < Duration::zero() ? -of_day : kDay - of_day) + kAfterMidnight;
}

/// So that several relays of one account do not knock in step.
Duration lengthened(Duration length, std::uint64_t random) {
  return length + length / 10 * static_cast<Duration::rep>(random % 1024) / 1024;
}

const char* trouble_name(Trouble kind) {
  switch (kind) {
    case Trouble::None: return "none";
    case Trouble::Connection: return "connection";
    case Trouble::Rate: return "rate";
    case Trouble::Login: return "login";
    case Trouble::Quota: return "quota";
    case Trouble::Person: return "person";
  }
  return "none";
}

/// What an older or newer version may have written is taken for the mildest trouble.
Trouble trouble_named(const std::string& name) {
  for (const Trouble kind : {Trouble::None, Trouble::Rate, Trouble::Login, Trouble::Quota, Trouble::Person})
    if (name == trouble_name(kind)) return kind;
  return Trouble::Connection;
}

}  // namespace

Ladder pause_ladder(const Pause& pause, const Settings::Cooldown& cooldown) {
  Ladder own = ladder(pause.kind, cooldown);
  if (pause.first > Duration::zero()) own = {pause.first, pause.max};
  return {std::min(own.first, kPauseMost), std::min(own.max, kPauseMost)};
}

Breaker::Breaker(std::string name, Settings::Cooldown cooldown, std::size_t connections_max)
    : name_(std::move(name)),
      cooldown_(cooldown),
      connections_max_(std::max<std::size_t>(1, connections_max)) {}

Breaker::Phase Breaker::phase(SteadyTime now) const {
  if (cooling_) return cooling_->until > now ? Phase::Cooling : Phase::Probing;
  return ramp_ < connections_max_ ? Phase::Ramp : Phase::Flowing;
}

bool Breaker::usable(SteadyTime now) const { return !paused_ && phase(now) != Phase::Cooling; }

std::size_t Breaker::connections_allowed(SteadyTime now) const {
  if (!usable(now)) return 0;
  if (phase(now) == Phase::Probing) return 1;
  return std::min(ramp_, connections_max_);
}

std::optional<SteadyTime> Breaker::wakes_at(SteadyTime now) const {
  if (phase(now) != Phase::Cooling) return std::nullopt;
  return cooling_->until;
}

// Several connections that fail together are one trouble: the ladder climbs one step a cooldown.
Breaker::Change Breaker::trouble(const Pause& pause, Stage stage, Reply reply, Moment now,
                                 std::uint64_t random) {
  // Whatever it was called: it is a login that came to nothing.
  if (stage == Stage::Auth) logins_.refused(now);
  return rest(pause, stage, std::move(reply), now, random);
}

Breaker::Change Breaker::unprepared(Stage stage, Reply reply, Moment now, std::uint64_t random) {
  return rest(Pause{Trouble::Connection}, stage, std::move(reply), now, random);
}

Breaker::Change Breaker::rest(const Pause& pause, Stage stage, Reply reply, Moment now,
                              std::uint64_t random) {
  const bool cooling = phase(now.steady) == Phase::Cooling;
  const Duration left = cooling ? cooling_->until - now.steady : Duration::zero();
  const Duration logins = stage == Stage::Auth ? until_login_due(now.steady) : Duration::zero();
  const Duration at_least = std::max({left, logins, pause.told});
  if (cooling && pause.kind <= kind_) {
    cooling_ = Cooling{now.steady + at_least, now.wall + at_least};
    return Change::None;
  }
  kind_ = pause.kind;
  ++failures_of(pause.kind);
  stage_ = stage;
  reply_ = std::move(reply);
  ramp_ = 1;
  held_ = false;
  const Duration length = std::max(cooldown_length(pause, now, random), at_least);
  cooling_ = Cooling{now.steady + length, now.wall + length};
  return Change::Cooled;
}

Duration Breaker::cooldown_length(const Pause& pause, Moment now, std::uint64_t random) const {
  if (!pause.day_end) return lengthened(step(pause_ladder(pause, cooldown_), failures()), random);
  return until_day_end(*pause.day_end, now.wall) + lengthened(kHour, random) - kHour;
}

// Who configures a ladder that is faster wants it so.
Duration Breaker::until_login_due(SteadyTime now) const {
  return cooldown_.login_first < kLoginsApart ? Duration::zero() : logins_.until_due(now);
}

bool Breaker::insists(const std::string& rule, int times) {
  rule_spoke_ = rule == rule_ ? rule_spoke_ + 1 : 1;
  rule_ = rule;
  return rule_spoke_ >= times;
}

Breaker::Change Breaker::stumbled(Stage stage, Reply reply, Moment now, std::uint64_t random) {
  if (phase(now.steady) == Phase::Cooling) return Change::None;
  if (++stumbles_ <= kStumblesForgiven) return Change::None;
  return trouble(Pause{Trouble::Connection}, stage, std::move(reply), now, random);
}

// The failures stay counted until something is answered: an upstream that lets us in and then does nothing
// must climb its ladder.
Breaker::Change Breaker::ready(SteadyTime now) {
  logins_.taken();
  if (!cooling_) return Change::None;
  if (held_ && until_login_due(now) == Duration::zero()) return recover();
  // Another connection that got in says nothing about a credential that was refused a moment ago, nor about a
  // limit.
  if (phase(now) == Phase::Cooling && kind_ != Trouble::Connection) return Change::None;
  return recover();
}

Breaker::Change Breaker::answered(SteadyTime now) {
  if (phase(now) == Phase::Cooling && kind_ != Trouble::Connection) return Change::None;
  failures_.fill(0);
  stumbles_ = 0;
  if (cooling_) return recover();
  if (ramp_ < connections_max_) ++ramp_;
  return Change::None;
}

void Breaker::delivered(WallTime now) {
  last_success_ = now;
  rule_spoke_ = 0;
}

Breaker::Change Breaker::recover() {
  cooling_.reset();
  held_ = false;
  ramp_ = 1;
  return Change::Recovered;
}

void Breaker::resume(Moment now) {
  paused_ = false;
  forgive(now);
}

void Breaker::forgive(Moment now) {
  const bool rested = cooling_.has_value();
  forget();
  if (rested) hold_logins(now);
}

// A graver trouble keeps its words; its end may have to wait.
Breaker::Change Breaker::hold_logins(Moment now) {
  const Duration left = until_login_due(now.steady);
  if (left == Duration::zero()) return Change::None;
  const bool cooling = phase(now.steady) == Phase::Cooling;
  if (cooling && cooling_->until >= now.steady + left) return Change::None;
  held_ = !cooling;
  cooling_ = Cooling{now.steady + left, now.wall + left};
  if (cooling && kind_ >= Trouble::Login) return Change::Cooled;
  if (stage_ != Stage::Auth) reply_ = {0, {}, "six logins were refused within an hour"};
  stage_ = Stage::Auth;
  kind_ = Trouble::Login;
  return Change::Cooled;
}

void Breaker::forget() {
  cooling_.reset();
  held_ = false;
  failures_.fill(0);
  stumbles_ = 0;
  ramp_ = 1;
}

// A reload costs nothing and is typed on any occasion: it must not become a way to log in once more.
void Breaker::reloaded(Moment now) {
  if (kind_ <= Trouble::Connection) forgive(now);
}

Breaker::Change Breaker::secret(const std::string& fingerprint, Moment now) {
  if (fingerprint.empty() || fingerprint == fingerprint_) return Change::None;
  const bool replaced = !std::exchange(fingerprint_, fingerprint).empty();
  if (!replaced || !cooling_ || !is_of_login()) return Change::None;
  forgive(now);
  return cooling_ ? Change::Cooled : Change::Recovered;
}

// Also a secret that could not be read was trouble at this stage, and after refused logins some providers do
// not let us in at all.
bool Breaker::is_of_login() const {
  return stage_ == Stage::Auth || kind_ == Trouble::Login || kind_ == Trouble::Person;
}

Breaker::Change Breaker::login_taken(SteadyTime now) {
  if (!cooling_) return Change::None;
  if (phase(now) == Phase::Cooling && kind_ != Trouble::Connection && stage_ != Stage::Auth)
    return Change::None;
  forget();
  return Change::Recovered;
}

Breaker::Change Breaker::other_secret_refused(Reply reply, Moment now) {
  logins_.refused(now);
  if (until_login_due(now.steady) == Duration::zero()) return Change::None;
  return rest(Pause{Trouble::Login}, Stage::Auth, std::move(reply), now, 0);
}

bool Breaker::login_rests(const std::string& fingerprint, SteadyTime now) const {
  const bool of_login = kind_ == Trouble::Login || stage_ == Stage::Auth;
  if (!of_login || phase(now) != Phase::Cooling) return false;
  return fingerprint.empty() || fingerprint_.empty() || fingerprint == fingerprint_;
}

void Breaker::configure(Settings::Cooldown cooldown, std::size_t connections_max) {
  cooldown_ = cooldown;
  connections_max_ = std::max<std::size_t>(1, connections_max);
}

Breaker::Change Breaker::restore(const UpstreamState& state, Moment now) {
  kind_ = trouble_named(state.trouble);
  const Trouble ladder_kind = kind_ == Trouble::None ? Trouble::Connection : kind_;
  failures_of(ladder_kind) = std::max(0, state.failures);
  paused_ = state.paused;
  stage_ = state.stage;
  reply_ = state.reply;
  last_success_ = state.last_success;
  fingerprint_ = state.secret_fingerprint;
  logins_.restore(state.refused_logins, now);
  if (kind_ != Trouble::None && state.cooling_until) {
    const Duration top = kind_ == Trouble::Connection ? cooldown_.connect_max : kPauseMost;
    const Duration longest = lengthened(top, ~std::uint64_t{0});
    const Duration left = std::clamp(*state.cooling_until - now.wall, Duration{0}, longest);
    cooling_ = Cooling{now.steady + left, now.wall + left};
  }
  // One that was taken after all of them ended what they had begun.
  return kind_ != Trouble::None && is_of_login() ? hold_logins(now) : Change::None;
}

UpstreamState Breaker::state() const {
  UpstreamState state;
  state.name = name_;
  state.trouble = trouble_name(kind());
  state.failures = failures();
  if (cooling_) state.cooling_until = cooling_->shown_until;
  state.paused = paused_;
  state.stage = stage_;
  state.reply = reply_;
  state.last_success = last_success_;
  state.secret_fingerprint = fingerprint_;
  state.refused_logins = logins_.kept();
  return state;
}

}  // namespace mailchute
