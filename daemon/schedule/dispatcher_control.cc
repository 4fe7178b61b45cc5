// The operator's half of the dispatcher: which upstreams there are, whether they are paused, and how they
// fare.
#include <algorithm>
#include <utility>

#include "mail/reply.h"
#include "schedule/dispatcher.h"
#include "schedule/route.h"
#include "schedule/upstream_record.h"

namespace mailchute {

namespace {

/// Connections that failed so often in a row have failed for a quarter of an hour or more.
constexpr int kFailuresUntilDown = 5;

UpstreamStatus::State state_of(const Breaker& breaker) {
  using State = UpstreamStatus::State;
  if (breaker.paused()) return State::Paused;
  if (breaker.kind() == Breaker::Trouble::None) return State::Ok;
  const bool person_needed = breaker.kind() == Breaker::Trouble::Login ||
                             breaker.kind() == Breaker::Trouble::Person ||
                             breaker.state().stage == Stage::Auth;
  return person_needed || breaker.failures() >= kFailuresUntilDown ? State::Down : State::CoolingDown;
}

}  // namespace

const char* upstream_state_name(UpstreamStatus::State state) {
  switch (state) {
    case UpstreamStatus::State::Ok: return "ok";
    case UpstreamStatus::State::Paused: return "paused";
    case UpstreamStatus::State::CoolingDown: return "cooling_down";
    case UpstreamStatus::State::Down: return "down";
  }
  return "ok";
}

std::vector<UpstreamStatus> Dispatcher::status() const {
  std::vector<UpstreamStatus> all;
  for (const auto& [name, upstream] : upstreams_) {
    const Breaker& breaker = upstream->breaker;
    const UpstreamState kept = breaker.state();
    UpstreamStatus status;
    status.name = name;
    status.state = state_of(breaker);
    status.trouble = kept.trouble;
    if (breaker.kind() != Breaker::Trouble::None)
      status.reason = std::string(stage_name(kept.stage)) + ": " + reply_line(kept.reply);
    if (status.state == UpstreamStatus::State::Paused && status.reason.empty())
      status.reason = "paused by the operator";
    if (breaker.wakes_at(clock_.steady())) status.until = kept.cooling_until;
    if (status.state == UpstreamStatus::State::Ok && upstream->held) {
      status.state = UpstreamStatus::State::CoolingDown;
      status.reason = "quota: " + upstream->held->reason;
      status.trouble = "limit";
      status.until = clock_.wall() + (upstream->held->until - clock_.steady());
    }
    status.last_success = kept.last_success;
    status.connections = upstream->courier->connections();
    all.push_back(std::move(status));
  }
  return all;
}

void Dispatcher::add(std::string name, std::unique_ptr<Courier> courier, UpstreamLimits limits) {
  retire(name);
  Breaker breaker(name, options_.cooldown, limits.connections_max);
  auto upstream = std::make_unique<Upstream>(name, std::move(courier), std::move(limits), std::move(breaker));
  if (auto former = former_.extract(name)) take_over(*upstream, std::move(former.mapped()));
  if (life_ == Life::Running) keep(*upstream);
  note(*upstream, mark_secret(*upstream, upstream->limits.secret_fingerprint));
  lanes_.may_be_due(name);
  upstreams_.emplace(std::move(name), std::move(upstream));
  pump();
}

void Dispatcher::take_over(Upstream& upstream, Memory former) {
  upstream.breaker = std::move(former.breaker);
  upstream.breaker.configure(options_.cooldown, upstream.limits.connections_max);
  upstream.quota.take_over(former.quota);
  upstream.refused_alike = former.refused_alike;
  upstream.courier->take_up(std::move(former.refused_alike));
}

void Dispatcher::remove(const std::string& name) {
  if (!retire(name)) return;
  pump();
}

// What is known of it stays: taken out of the configuration and put back, it has sent and refused no less.
bool Dispatcher::retire(const std::string& name) {
  const auto found = upstreams_.find(name);
  if (found == upstreams_.end()) return false;
  // First out of the map: what it returns while it shuts down is not its own trouble any more.
  Upstream& old = *retiring_.emplace_back(std::move(found->second));
  upstreams_.erase(found);
  former_.insert_or_assign(old.name, Memory{old.breaker, old.quota, old.refused_alike});
  old.courier->shut_down();
  sweep_alarm_->set(Duration::zero(), lifeline_.bind([this] { sweep(); }));
  return true;
}

void Dispatcher::reconfigure(DispatchOptions options) {
  options_ = std::move(options);
  watch_.set_lifetime(options_.lifetime);
  lanes_.set_routes(all_routes(options_.routes));
  lanes_.all_may_be_due();
  for (auto& [name, upstream] : upstreams_) {
    upstream->breaker.configure(options_.cooldown, upstream->limits.connections_max);
    upstream->breaker.reloaded(moment(clock_));
    upstream->courier->read_secret_again();
    save(*upstream);
  }
  pump();
}

void Dispatcher::rerouted() {
  ++routing_;
  lanes_.all_may_be_due();
  pump();
}

void Dispatcher::settings_changed(const std::string& name) {
  Upstream* upstream = find(name);
  if (upstream == nullptr) return;
  upstream->breaker.forgive(moment(clock_));
  save(*upstream);
  lanes_.may_be_due(name);
  pump();
}

bool Dispatcher::pause(const std::string& name) {
  Upstream* upstream = find(name);
  if (upstream == nullptr) return false;
  upstream->breaker.pause();
  save(*upstream);
  // Mail that has another way takes it.
  lanes_.may_be_due(name);
  pump();
  return true;
}

bool Dispatcher::resume(const std::string& name) {
  Upstream* upstream = find(name);
  if (upstream == nullptr) return false;
  upstream->breaker.resume(moment(clock_));
  upstream->courier->read_secret_again();
  save(*upstream);
  lanes_.may_be_due(name);
  pump();
  return true;
}

bool Dispatcher::expect_mail_for(const std::string& name) {
  if (find(name) == nullptr) return false;
  lanes_.add_route(name);
  return true;
}

void Dispatcher::secret_changed(const std::string& name, const std::string& fingerprint) {
  Upstream* upstream = find(name);
  if (upstream == nullptr) return;
  note(*upstream, mark_secret(*upstream, fingerprint));
  pump();
}

Breaker::Change Dispatcher::mark_secret(Upstream& upstream, const std::string& fingerprint) {
  upstream.limits.secret_fingerprint = fingerprint;
  return upstream.breaker.secret(fingerprint, moment(clock_));
}

std::optional<WallTime> Dispatcher::login_rests_until(const std::string& name,
                                                      const std::string& fingerprint) const {
  const Upstream* upstream = find(name);
  if (upstream == nullptr || !upstream->breaker.login_rests(fingerprint, clock_.steady()))
    return std::nullopt;
  return upstream->breaker.state().cooling_until;
}

void Dispatcher::login_taken(const std::string& name, const std::string& fingerprint) {
  Upstream* upstream = find(name);
  if (upstream == nullptr) return;
  upstream->courier->read_secret_again();
  const Breaker::Change by_secret = mark_secret(*upstream, fingerprint);
  const Breaker::Change by_login = upstream->breaker.login_taken(clock_.steady());
  note(*upstream, std::max(by_secret, by_login));
  lanes_.may_be_due(name);
  pump();
}

// Without a turn of its own: what a new secret opens is shut again by on_trouble() before mail could take it.
void Dispatcher::login_refused(const std::string& name, const std::string& fingerprint) {
  Upstream* upstream = find(name);
  if (upstream == nullptr) return;
  upstream->courier->read_secret_again();
  note(*upstream, mark_secret(*upstream, fingerprint));
}

bool Dispatcher::is_of_former_secret(const std::string& name, const UpstreamTrouble& trouble) const {
  const Upstream* upstream = find(name);
  if (upstream == nullptr || trouble.kind != UpstreamTrouble::Kind::Login) return false;
  const std::string& present = upstream->limits.secret_fingerprint;
  return !trouble.secret_mark.empty() && !present.empty() && trouble.secret_mark != present;
}

void Dispatcher::other_secret_refused(const std::string& name, Reply reply) {
  Upstream* upstream = find(name);
  if (upstream == nullptr) return;
  login_ended(*upstream, upstream->breaker.other_secret_refused(std::move(reply), moment(clock_)));
  pump();
}

void Dispatcher::retry_all() {
  Selection all_queued;
  all_queued.state = "queued";
  queue_.operate(Operation::Retry, std::move(all_queued), [](const QueueResult<std::size_t>&) {});
}

}  // namespace mailchute
