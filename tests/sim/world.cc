#include "sim/world.h"

#include <iterator>
#include <utility>

#include "base/text.h"
#include "schedule/route.h"
#include "sim/sim_courier.h"

namespace mailchute::sim {

namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr int kSteps = 60;
constexpr Duration kLifetime = hours(24);
constexpr Duration kTenYears = hours(24 * 3652);
constexpr std::size_t kConnectionsMax = 3;

const std::vector<RouteSettings>& routes() {
  static const std::vector<RouteSettings> all = {{"office@*", "*", {"office", "qq"}}, {"*", "*", {"qq"}}};
  return all;
}

}  // namespace

World::Relay::Relay(World& world)
    : settler(world.queue_, world.loop_, world.loop_, world.random_, world.ids_, world.settle_options()),
      dispatcher(world.queue_, world.loop_, world.loop_, world.random_, world.dispatch_options(), settler) {}

World::World(std::uint64_t seed) : random_(seed) {
  providers_["qq"];
  providers_["office"];
}

World::~World() = default;

std::vector<std::string> World::live() {
  start_relay();
  for (int i = 0; i < kSteps && wrong_.empty(); ++i) {
    step();
    loop_.advance(random_.chance(70) ? milliseconds(random_.below(60'000))
                                     : milliseconds(random_.below(7'200'000)));
    restart_if_broken();
    check();
  }
  heal();
  loop_.advance(hours(12));
  check();
  loop_.advance(4 * kLifetime);
  check();
  check_end();
  return std::move(wrong_);
}

void World::step() {
  const std::uint64_t draw = random_.below(100);
  if (draw < 50) return submit();
  if (draw < 68) return change_mood();
  if (draw < 74) return crash();
  if (draw < 79) return restart_in_order();
  if (draw < 82) return move_clock();
  if (draw < 90) return disturb_disk();
  operate();
}

void World::submit() {
  static constexpr const char* kKinds[] = {"good", "good", "good", "good", "slow", "slow", "bad", "poison"};
  NewMessage message;
  message.id = ids_.next();
  Accepted accepted{loop_.steady(), starts_, {}, !random_.chance(10)};
  const bool office = random_.chance(30);
  if (accepted.has_sender) message.sender = Mailbox(office ? "office" : "app", "example.org");
  // A server that hangs up, or finds it too large, does so on the whole message: that one has a single
  // recipient.
  static constexpr const char* kWhole[] = {"hangup", "large", "large", "huge"};
  const bool whole = random_.chance(16);
  for (std::uint64_t i = 0, last = whole ? 0 : random_.below(3); i <= last; ++i) {
    const std::string kind =
        whole ? kWhole[random_.below(std::size(kWhole))] : kKinds[random_.below(std::size(kKinds))];
    const Mailbox to(kind + std::to_string(i) + "-" + message.id.text(), "example.net");
    message.recipients.push_back({{to, {}, ""}, choose_route(routes(), message.sender, to)});
    accepted.addresses.push_back(to.text());
  }
  message.received = loop_.wall();
  message.expires = loop_.wall() + kLifetime;
  const MessageId id = message.id;
  auto draft = queue_.open(id, std::nullopt);
  draft->append("Subject: test\r\n\r\nhello\r\n");
  draft->commit(std::move(message), [this, id, accepted](const QueueResult<void>& result) {
    if (result) accepted_[id] = accepted;
  });
}

void World::change_mood() {
  Provider& provider = random_.chance(60) ? providers_["qq"] : providers_["office"];
  static constexpr Provider::Mood kMoods[] = {Provider::Mood::Fine,      Provider::Mood::Fine,
                                              Provider::Mood::Down,      Provider::Mood::BadPassword,
                                              Provider::Mood::Frequency, Provider::Mood::Blocked};
  ++provider.moods;
  provider.mood = kMoods[random_.below(std::size(kMoods))];
}

// Between two turns of the loop: a reply may be on its way, a commit done and not answered.
void World::crash() {
  for (std::uint64_t turns = random_.below(20); turns > 0; --turns) loop_.turn();
  forgiven_.push_back(loop_.steady());
  relay_.reset();
  queue_.crash();
  loop_.drop_posted();
  loop_.advance(seconds(random_.below(600)));
  queue_.restart();
  start_relay();
}

void World::restart_in_order() {
  bool done = false;
  relay_->dispatcher.shut_down([&done] { done = true; });
  loop_.advance(minutes(1));
  if (!done && queue_.admission() == Admission::Open && !disk_full_)
    wrong("the relay did not stop within a minute");
  if (!done) return crash();
  for (const auto& [id, message] : queue_.messages)
    for (const auto& row : message.rows)
      if (row.state == RecipientState::Sending && queue_.admission() == Admission::Open)
        wrong(id.text() + " is still being sent after a stop in order");
  // Across a restart a cooldown is known by the wall clock alone: if that was moved, it cannot be kept
  // exactly.
  if (clock_moved_) forgiven_.push_back(loop_.steady());
  relay_.reset();
  queue_.restart();
  start_relay();
}

void World::move_clock() {
  clock_moved_ = true;
  static constexpr Duration kJumps[] = {hours(1), -hours(1), kTenYears, -kTenYears};
  loop_.jump(kJumps[random_.below(std::size(kJumps))]);
}

void World::disturb_disk() {
  if (random_.chance(30)) return queue_.fail_commit(random_.below(6));
  disk_full_ = !disk_full_;
  queue_.set_full(disk_full_ ? std::optional<std::string>("no space") : std::nullopt);
}

void World::operate() {
  const std::string name = random_.chance(50) ? "qq" : "office";
  switch (random_.below(4)) {
    case 0: relay_->dispatcher.pause(name); return;
    case 1:
      forgiven_.push_back(loop_.steady());
      relay_->dispatcher.resume(name);
      return;
    case 2:
      forgiven_.push_back(loop_.steady());
      relay_->dispatcher.reconfigure(dispatch_options());
      return;
    default: add_courier(name);
  }
}

/// As the service manager does after the relay has ended itself.
void World::restart_if_broken() {
  if (queue_.admission() == Admission::Broken) crash();
}

void World::heal() {
  for (auto& [name, provider] : providers_) {
    provider.mood = Provider::Mood::Fine;
    provider.faults = false;
  }
  disk_full_ = false;
  queue_.set_full(std::nullopt);
  restart_if_broken();
  crash();
  for (const auto& [name, provider] : providers_) relay_->dispatcher.resume(name);
  forgiven_.push_back(loop_.steady());
}

void World::start_relay() {
  ++starts_;
  restarts_.push_back(loop_.steady());
  relay_ = std::make_unique<Relay>(*this);
  for (const auto& [name, provider] : providers_) add_courier(name);
  std::vector<UpstreamState> saved;
  for (const auto& [name, state] : queue_.upstreams) saved.push_back(state);
  relay_->settler.start();
  relay_->dispatcher.start({std::move(saved), queue_.spendings, queue_.narrowed_routes()});
}

void World::add_courier(const std::string& name) {
  auto courier = std::make_unique<SimCourier>(name, providers_[name], truth_, loop_, random_, queue_,
                                              relay_->dispatcher, kConnectionsMax);
  relay_->dispatcher.add(name, std::move(courier), {kConnectionsMax, 2, "secret"});
}

DispatchOptions World::dispatch_options() const {
  DispatchOptions options;
  options.routes = routes();
  options.lifetime = kLifetime;
  return options;
}

SettleOptions World::settle_options() const {
  SettleOptions options;
  options.routes = routes();
  options.hostname = "relay.example.org";
  options.mail_domain = "example.org";
  options.lifetime = kLifetime;
  return options;
}

void World::wrong(std::string what) { wrong_.push_back(rfc3339(loop_.wall()) + " " + std::move(what)); }

}  // namespace mailchute::sim
