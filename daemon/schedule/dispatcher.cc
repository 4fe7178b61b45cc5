#include "schedule/dispatcher.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/log.h"
#include "mail/reply.h"
#include "schedule/retry.h"
#include "schedule/route.h"
#include "schedule/upstream_record.h"

namespace mailchute {

namespace {

/// While something waits for the wall clock, this often it is looked whether someone has set it, or the
/// machine has slept.
constexpr Duration kWallClockRecheck = std::chrono::minutes(1);

/// A disk without space is asked again after this.
constexpr Duration kFullDiskPause = std::chrono::seconds(10);

/// A next attempt further away than this, and than any delay, was written under another clock.
constexpr Duration kFarAway = std::chrono::hours(24);

/// Mail received further ahead than this was received under another clock.
constexpr Duration kFuture = std::chrono::minutes(1);

/// Mail waits this long for a limit to open before it takes another way.
constexpr Duration kWorthWaiting = std::chrono::minutes(5);

}  // namespace

Dispatcher::Dispatcher(Queue& queue, const Clock& clock, Alarms& alarms, Random& random,
                       DispatchOptions options, Settling& settling)
    : queue_(queue),
      clock_(clock),
      random_(random),
      options_(std::move(options)),
      settling_(settling),
      watch_(moment(clock), options_.lifetime),
      alarm_(alarms.make_alarm()),
      sweep_alarm_(alarms.make_alarm()) {
  lanes_.set_routes(all_routes(options_.routes));
}

Dispatcher::~Dispatcher() = default;

void Dispatcher::start(const UpstreamMemory& saved) {
  CHECK(life_ == Life::New);
  life_ = Life::Running;
  watch_ = ClockWatch(moment(clock_), options_.lifetime);
  for (auto& [name, upstream] : upstreams_) {
    std::vector<Spending> spendings;
    std::copy_if(saved.spendings.begin(), saved.spendings.end(), std::back_inserter(spendings),
                 [&name = name](const Spending& spending) { return spending.upstream == name; });
    upstream->quota.restore(spendings, moment(clock_));
  }
  for (const UpstreamState& state : saved.states) {
    Upstream* upstream = find(state.name);
    if (upstream == nullptr) continue;
    take_up(*upstream, state);
  }
  // One that has no state yet gets one: what a killed process leaves behind is added to it.
  for (auto& [name, upstream] : upstreams_)
    if (!upstream->known) keep(*upstream);
  for (const std::string& route : saved.narrowed_routes) lanes_.add_route(route);
  queue_.when_mail_arrives(lifeline_.bind([this] { mail_arrived(); }));
  expiry_check_at_ = clock_.steady();
  retry_what_came_from_the_future();
  pump();
}

void Dispatcher::take_up(Upstream& upstream, const UpstreamState& state) {
  upstream.known = true;
  upstream.refused_alike = state.refused_alike;
  upstream.courier->take_up(state.refused_alike);
  note(upstream, upstream.breaker.restore(state, moment(clock_)));
  note(upstream, mark_secret(upstream, upstream.limits.secret_fingerprint));
}

// The clock was set back while nobody watched: what was accepted under the later one would wait for that time
// to come again.
void Dispatcher::retry_what_came_from_the_future() {
  Selection future;
  future.state = "queued";
  future.received_after = clock_.wall() + kFuture;
  queue_.operate(Operation::Retry, std::move(future), [](const QueueResult<std::size_t>&) {});
}

// Every event ends here. A courier may answer from inside a call of ours: then this turns once more instead
// of inside itself.
void Dispatcher::pump() {
  pump_again_ = true;
  if (pumping_ || life_ == Life::New) return;
  pumping_ = true;
  while (std::exchange(pump_again_, false)) pump_once();
  pumping_ = false;
}

void Dispatcher::pump_once() {
  watch_clock();
  tell_allowances();
  claim();
  claim_expired();
  set_alarm();
  end_if_idle();
}

void Dispatcher::watch_clock() {
  const Duration jump = watch_.observe(moment(clock_));
  if (jump == Duration::zero()) return;
  log::clock_jumped(jump);
  // Next attempts were written under the later clock: without this they would wait for it to come again.
  if (jump < Duration::zero()) retry_all();
}

void Dispatcher::tell_allowances() {
  for (auto& [name, upstream] : upstreams_) {
    if (upstream->in_flight == 0 && upstream->courier->connections() == 0) upstream->breaker.begin_again();
    watch_quota(*upstream);
    const std::size_t allowed = upstream->breaker.connections_allowed(clock_.steady());
    if (upstream->told == allowed) continue;
    // What only this upstream may carry on (a message in doubt) has been waiting for it.
    if (upstream->told == 0U) lanes_.may_be_due(name);
    upstream->told = allowed;
    upstream->courier->allow_connections(allowed);
  }
}

void Dispatcher::watch_quota(Upstream& upstream) {
  const bool was_held = upstream.held.has_value();
  upstream.held = upstream.quota.held(clock_.steady());
  if (upstream.held && !was_held)
    log::quota_held(upstream.name, upstream.held->reason,
                    clock_.wall() + (upstream.held->until - clock_.steady()));
  if (was_held && !upstream.held) lanes_.may_be_due(upstream.name);
}

bool Dispatcher::may_claim() const {
  if (life_ != Life::Running || claiming_ || broken_) return false;
  return !claim_again_at_ || *claim_again_at_ <= clock_.steady();
}

void Dispatcher::claim() {
  if (!may_claim()) return;
  claim_again_at_.reset();
  const WallTime now = clock_.wall();
  std::vector<Lane> asked = lanes_.plan(now, [this](const std::string& name) { return offer(name); });
  if (asked.empty()) return;
  claiming_ = true;
  queue_.claim(asked, now, lifeline_.bind([this, asked](QueueResult<Claimed> result) {
    claimed(asked, std::move(result));
  }));
}

// While one connection finds out whether the upstream is back, mail that has another way takes it.
Offer Dispatcher::offer(const std::string& name) const {
  Upstream* upstream = find(name);
  const SteadyTime now = clock_.steady();
  if (upstream == nullptr || !upstream->breaker.usable(now)) return {};
  const bool probing = upstream->breaker.phase(now) == Breaker::Phase::Probing;
  if (probing && upstream->in_flight > 0) return {};
  // A limit that opens again soon is waited for; else mail that has another way takes it.
  if (upstream->held) return {upstream->held->until - now <= kWorthWaiting, 0, 1};
  const std::size_t room = upstream->courier->room();
  return limited(*upstream, {true, probing ? std::min<std::size_t>(1, room) : room,
                             std::max<std::size_t>(1, upstream->limits.recipients_max)});
}

/// As much of the offer as the upstream's limits leave, beside what is under way already.
Offer Dispatcher::limited(Upstream& upstream, Offer offer) const {
  if (!upstream.quota.limited()) return offer;
  const Quota::Room room = upstream.quota.room(clock_.steady());
  const auto left = [](std::size_t room_for, std::size_t taken) {
    return room_for > taken ? room_for - taken : 0;
  };
  const std::size_t recipients = left(room.recipients, upstream.recipients_in_flight);
  offer.recipients_max = std::max<std::size_t>(1, std::min(offer.recipients_max, recipients));
  offer.parcels_max = std::min(
      {offer.parcels_max, left(room.messages, upstream.in_flight), recipients / offer.recipients_max});
  return offer;
}

void Dispatcher::claimed(const std::vector<Lane>& asked, QueueResult<Claimed> result) {
  claiming_ = false;
  if (!result) {
    lanes_.unlearn(asked);
    claim_failed(result.error());
    return pump();
  }
  lanes_.learn(asked, *result);
  for (Parcel& parcel : result->parcels) hand_over(std::move(parcel));
  const Duration far_away = std::max(kFarAway, 2 * retry_delay_max(options_.retry));
  if (result->next_due && *result->next_due > clock_.wall() + far_away) retry_all();
  pump();
}

void Dispatcher::claim_failed(const QueueFault& fault) {
  if (fault.kind == QueueFault::Kind::Broken) broken_ = true;
  claim_again_at_ = clock_.steady() + kFullDiskPause;
}

// What was claimed a moment ago may find the door shut: it goes back untouched.
void Dispatcher::hand_over(Parcel parcel) {
  Upstream* upstream = find(parcel.upstream);
  const bool open = life_ == Life::Running && upstream != nullptr &&
                    upstream->breaker.usable(clock_.steady()) && upstream->courier->room() > 0;
  if (!open) {
    lanes_.may_be_due(parcel.upstream);
    return queue_.give_back(parcel);
  }
  in_flight_[flight_key(parcel)] = {upstream, routing_};
  upstream->explained = false;
  ++upstream->in_flight;
  upstream->recipients_in_flight += parcel.recipients.size();
  upstream->courier->deliver(std::move(parcel));
}

void Dispatcher::note(Upstream& upstream, Breaker::Change change) {
  if (change == Breaker::Change::None) return;
  const UpstreamState state = upstream.breaker.state();
  if (change == Breaker::Change::Cooled)
    log::upstream_cooling(upstream.name, stage_name(state.stage),
                          {reply_line(state.reply), state.reply.code, state.reply.enhanced},
                          *state.cooling_until);
  else
    log::upstream_recovered(upstream.name);
  save(upstream);
}

void Dispatcher::save(Upstream& upstream) {
  upstream.saved_at = clock_.steady();
  keep(upstream);
}

void Dispatcher::keep(Upstream& upstream) {
  upstream.known = true;
  UpstreamState state = upstream.breaker.state();
  state.refused_alike = upstream.refused_alike;
  queue_.save_upstream(std::move(state));
}

void Dispatcher::mail_arrived() {
  lanes_.all_may_be_due();
  const SteadyTime expires = clock_.steady() + options_.lifetime;
  expiry_check_at_ = std::min(expiry_check_at_.value_or(expires), expires);
  settling_.mail_arrived();
  pump();
}

void Dispatcher::set_alarm() {
  const std::optional<Duration> sleep = life_ == Life::Running ? sleep_length() : std::nullopt;
  if (!sleep) return alarm_->clear();
  alarm_->set(*sleep, lifeline_.bind([this] { pump(); }));
}

std::optional<Duration> Dispatcher::sleep_length() const {
  const Moment now = moment(clock_);
  std::optional<Duration> shortest;
  const auto consider = [&](Duration length) {
    length = std::max(length, Duration::zero());
    shortest = std::min(shortest.value_or(length), length);
  };
  for (const auto& [name, upstream] : upstreams_) {
    if (upstream->held) consider(upstream->held->until - now.steady);
    const auto wakes_at = upstream->breaker.wakes_at(now.steady);
    if (wakes_at && !upstream->breaker.paused()) consider(*wakes_at - now.steady);
  }
  if (expiry_check_at_ && !expiring_ && !broken_) consider(*expiry_check_at_ - now.steady);
  if (claim_again_at_ && !broken_) consider(*claim_again_at_ - now.steady);
  const auto usable = [&](const std::string& name) {
    return find(name) != nullptr && find(name)->breaker.usable(now.steady);
  };
  const std::optional<WallTime> due = may_claim() ? lanes_.next_due(usable) : std::nullopt;
  if (due) consider(std::min(Duration(*due - now.wall), kWallClockRecheck));
  return shortest;
}

void Dispatcher::shut_down(UniqueFunction<void()> done) {
  life_ = Life::Stopping;
  done_ = std::move(done);
  for (auto& [name, upstream] : upstreams_) {
    save(*upstream);
    upstream->courier->shut_down();
  }
  // What was saved is on disk before we go: else a login under way would count twice, in the state and as a
  // mark.
  ++settling_count_;
  queue_.ping(lifeline_.bind([this] {
    --settling_count_;
    pump();
  }));
  pump();
}

bool Dispatcher::idle() const {
  return in_flight_.empty() && settling_count_ == 0 && !claiming_ && !expiring_;
}

void Dispatcher::end_if_idle() {
  if (life_ == Life::Stopping && idle())
    sweep_alarm_->set(Duration::zero(), lifeline_.bind([this] { sweep(); }));
}

// Runs in a turn of its own, because a courier must not be destroyed while it is telling us something.
void Dispatcher::sweep() {
  std::erase_if(retiring_,
                [](const std::unique_ptr<Upstream>& upstream) { return upstream->in_flight == 0; });
  if (life_ != Life::Stopping || !idle() || !done_) return;
  UniqueFunction<void()> done = std::move(done_);
  done();
}

Dispatcher::Upstream* Dispatcher::find(const std::string& name) const {
  const auto found = upstreams_.find(name);
  return found == upstreams_.end() ? nullptr : found->second.get();
}

}  // namespace mailchute
