#include "schedule/breaker.h"

#include <algorithm>
#include <utility>

namespace mailchute {

namespace {

/// An upstream that says "slow down" wants minutes at least; less only makes it angrier (some count each try
/// against the account).
constexpr Duration kRateFirst = std::chrono::minutes(10);

/// Servers close connections after so many messages or minutes, and with several connections they may all do
/// so at once.
constexpr int kStumblesForgiven = 2;

/// No cooldown is shorter, whatever is configured: it is what stands between an outage and a busy loop.
constexpr Duration kCooldownLeast{100};

struct Ladder {
  Duration first;
  Duration max;
};

Ladder ladder(Breaker::Trouble kind, const Settings::Cooldown& cooldown) {
  switch (kind) {
    case Breaker::Trouble::Login: return {cooldown.login_first, cooldown.login_max};
    case Breaker::Trouble::Rate: return {kRateFirst, std::max(kRateFirst, cooldown.login_max)};
    case Breaker::Trouble::None:
    case Breaker::Trouble::Connection: break;
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

/// So that several relays of one account do not knock in step.
Duration lengthened(Duration length, std::uint64_t random) {
  return length + length / 10 * static_cast<Duration::rep>(random % 1024) / 1024;
}

const char* trouble_name(Breaker::Trouble kind) {
  switch (kind) {
    case Breaker::Trouble::None: return "none";
    case Breaker::Trouble::Connection: return "connection";
    case Breaker::Trouble::Login: return "login";
    case Breaker::Trouble::Rate: return "rate";
  }
  return "none";
}

/// What an older or newer version may have written is taken for the mildest trouble.
Breaker::Trouble trouble_named(const std::string& name) {
  if (name == "none") return Breaker::Trouble::None;
  if (name == "login") return Breaker::Trouble::Login;
  if (name == "rate") return Breaker::Trouble::Rate;
  return Breaker::Trouble::Connection;
}

}  // namespace

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

Breaker::Change Breaker::trouble(Trouble kind, Stage stage, Reply reply, Moment now, std::uint64_t random) {
  if (phase(now.steady) == Phase::Cooling && outweighed(kind)) return Change::None;
  kind_ = kind;
  ++failures_of(kind);
  stage_ = stage;
  reply_ = std::move(reply);
  ramp_ = 1;
  const Duration length = cooldown_length(random);
  cooling_ = Cooling{now.steady + length, now.wall + length};
  return Change::Cooled;
}

// Several connections that fail together are one trouble: the ladder climbs one step a cooldown.
bool Breaker::outweighed(Trouble kind) const {
  return kind_ != Trouble::Connection || kind == Trouble::Connection;
}

Duration Breaker::cooldown_length(std::uint64_t random) const {
  return lengthened(step(ladder(kind_, cooldown_), failures()), random);
}

Breaker::Change Breaker::stumbled(Stage stage, Reply reply, Moment now, std::uint64_t random) {
  if (phase(now.steady) == Phase::Cooling) return Change::None;
  if (++stumbles_ <= kStumblesForgiven) return Change::None;
  return trouble(Trouble::Connection, stage, std::move(reply), now, random);
}

// The failures stay counted until something is answered: an upstream that lets us in and then does nothing
// must climb its ladder.
Breaker::Change Breaker::ready(SteadyTime now) {
  if (!cooling_) return Change::None;
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

Breaker::Change Breaker::recover() {
  cooling_.reset();
  ramp_ = 1;
  return Change::Recovered;
}

void Breaker::resume() {
  paused_ = false;
  forgive();
}

void Breaker::forgive() {
  cooling_.reset();
  failures_.fill(0);
  stumbles_ = 0;
  ramp_ = 1;
}

Breaker::Change Breaker::secret(const std::string& fingerprint) {
  if (fingerprint.empty() || fingerprint == fingerprint_) return Change::None;
  const bool replaced = !std::exchange(fingerprint_, fingerprint).empty();
  // Also a secret that could not be read was trouble at this stage.
  if (!replaced || !cooling_ || stage_ != Stage::Auth) return Change::None;
  forgive();
  return Change::Recovered;
}

void Breaker::configure(Settings::Cooldown cooldown, std::size_t connections_max) {
  cooldown_ = cooldown;
  connections_max_ = std::max<std::size_t>(1, connections_max);
}

void Breaker::restore(const UpstreamState& state, Moment now) {
  kind_ = trouble_named(state.trouble);
  const Trouble ladder_kind = kind_ == Trouble::None ? Trouble::Connection : kind_;
  failures_of(ladder_kind) = std::max(0, state.failures);
  paused_ = state.paused;
  stage_ = state.stage;
  reply_ = state.reply;
  last_success_ = state.last_success;
  fingerprint_ = state.secret_fingerprint;
  if (kind_ == Trouble::None || !state.cooling_until) return;
  const Duration longest = lengthened(ladder(kind_, cooldown_).max, ~std::uint64_t{0});
  const Duration left = std::clamp(*state.cooling_until - now.wall, Duration{0}, longest);
  cooling_ = Cooling{now.steady + left, now.wall + left};
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
  return state;
}

}  // namespace mailchute
