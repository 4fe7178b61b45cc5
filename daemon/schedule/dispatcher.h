// Moves mail from the queue to the couriers: claims what is due for upstreams that are usable and have room,
// and passes on what comes back. Sleeps otherwise: it is woken by mail, by room, by the end of a cooldown and
// by the next due time, and by nothing else. Decides nothing about a message (settle does) and nothing about
// an upstream (its breaker does). Loop thread only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/lifeline.h"
#include "base/unique_function.h"
#include "deliver/courier.h"
#include "schedule/breaker.h"
#include "schedule/clock_watch.h"
#include "schedule/lanes.h"
#include "schedule/settling.h"
#include "settings/settings.h"
#include "store/queue.h"

namespace mailchute {

struct DispatchOptions {
  std::vector<RouteSettings> routes;
  Settings::Cooldown cooldown;
  Settings::Retry retry;
  Duration lifetime = std::chrono::hours(120);
};

struct UpstreamLimits {
  std::size_t connections_max = 1;
  std::size_t recipients_max = 1;  ///< Per transaction.
  std::string secret_fingerprint;  ///< Of the secret that the courier uses now; empty: not known.
  std::optional<Rate> rate{};
  std::map<std::string, Rate> quota{};  ///< `messages`, `recipients`.
};

/// One upstream as `status` shows it.
struct UpstreamStatus {
  std::string name;
  /// Down: a person is needed, or it has been failing for some time; it is still tried after each cooldown.
  enum class State { Ok, Paused, CoolingDown, Down } state = State::Ok;
  std::string reason;            ///< `auth: 535 5.7.8 ...`, safe to print; empty when Ok.
  std::string trouble = "none";  ///< As UpstreamState has it; `limit`: held by its rate or quota.
  std::optional<WallTime> until;
  std::optional<WallTime> last_success;
  std::size_t connections = 0;
};

/// `ok`, `paused`, `cooling_down`, `down`.
const char* upstream_state_name(UpstreamStatus::State state);

class Dispatcher final : public CourierListener {
 public:
  /// All references must outlive it.
  Dispatcher(Queue& queue, const Clock& clock, Alarms& alarms, Random& random, DispatchOptions options,
             Settling& settling);
  ~Dispatcher() override;

  /// Makes an upstream known, before start() or after. A courier under a name that is known takes the place
  /// of the old one, which is shut down and kept until its parcels are back; the upstream's state stays,
  /// except that a new secret forgives a refused login. So does that of a name that was removed.
  void add(std::string name, std::unique_ptr<Courier> courier, UpstreamLimits limits);

  /// The upstream is configured no more. What it has in flight is finished or returned first.
  void remove(const std::string& name);

  /// Begins to dispatch, from what an earlier run saved.
  void start(const UpstreamMemory& saved);

  /// Reload: new routes and times, and secrets are read again. What could not be reached is tried at once;
  /// what an upstream itself said (a refused login, a limit) holds. Call add() and remove() for what changed.
  void reconfigure(DispatchOptions options);

  /// Mail in the queue has been given other routes, also what was with a courier meanwhile: that comes back
  /// to another route than it was claimed from.
  void rerouted();

  /// The settings of a known upstream, which may be the cure: its rest ends, whatever it was. After six
  /// refused logins within an hour the next one waits all the same.
  void settings_changed(const std::string& upstream);

  /// The operator's switches; false when there is no such upstream. Paused: nothing new is handed to it, what
  /// it has is finished. Resumed, its rest ends as in settings_changed().
  bool pause(const std::string& upstream);
  bool resume(const std::string& upstream);

  /// Mail will come that only this upstream may carry, though no route says so; false when there is none of
  /// this name. Until the next reload, which gives such mail a route that is configured.
  bool expect_mail_for(const std::string& upstream);

  /// A secret was read anew (a courier does so after a refused login): another one than before ends a
  /// cooldown for Login.
  void secret_changed(const std::string& upstream, const std::string& fingerprint);

  /// When the next login with this secret is due: empty while nothing speaks against one now.
  std::optional<WallTime> login_rests_until(const std::string& upstream,
                                            const std::string& fingerprint) const;

  /// A person tried a login beside delivery, and it was taken or refused; `fingerprint` is of the secret in
  /// use, which the courier reads again. A refusal of it is told by on_trouble() besides.
  void login_taken(const std::string& upstream, const std::string& fingerprint);
  void login_refused(const std::string& upstream, const std::string& fingerprint);

  /// Whether a login was refused that had begun with a secret which is no longer the one in use: that says
  /// nothing about the present one.
  bool is_of_former_secret(const std::string& upstream, const UpstreamTrouble& trouble) const;

  /// The same with a secret that is not in use (yet): only its refusal counts.
  void other_secret_refused(const std::string& upstream, Reply reply);

  std::vector<UpstreamStatus> status() const;

  /// Claims nothing more, shuts the couriers down; `done` runs once every parcel is back and settled, never
  /// from inside the call.
  void shut_down(UniqueFunction<void()> done);

  void on_attempt(const std::string& upstream, Attempt attempt, UniqueFunction<void()> settled) override;
  void on_returned(const std::string& upstream, Returned returned) override;
  void on_login(const std::string& upstream, LoginNews news) override;
  void on_ready(const std::string& upstream) override;
  void on_trouble(const std::string& upstream, UpstreamTrouble trouble) override;
  void on_room(const std::string&) override { pump(); }

 private:
  struct Upstream;
  struct Memory;

  /// A parcel that a courier has.
  struct Flight {
    Upstream* upstream = nullptr;
    std::size_t routing = 0;  ///< What `routing_` was when it was claimed.
  };

  void pump();
  void pump_once();
  void watch_clock();
  void tell_allowances();
  void watch_quota(Upstream& upstream);
  void claim();
  void claimed(const std::vector<Lane>& asked, QueueResult<Claimed> result);
  void hand_over(Parcel parcel);
  void claim_failed(const QueueFault& fault);
  void retry_all();
  void retry_what_came_from_the_future();
  void claim_expired();
  void expired(WallTime horizon, QueueResult<Claimed> result);
  void check_expiry_in(Duration after);
  void give_up(Parcel parcel);
  void set_alarm();
  std::optional<Duration> sleep_length() const;
  void mail_arrived();
  void go_on(const std::string& narrowed_route);
  void due_again_at(WallTime when, const std::string& upstream, std::size_t routing);
  Flight come_back(const Parcel& parcel);
  Upstream* present(const Flight& flight) const;
  void judge(Upstream& upstream, const Attempt& attempt);
  Breaker::Change mark_secret(Upstream& upstream, const std::string& fingerprint);
  void note(Upstream& upstream, Breaker::Change change);
  void take_up(Upstream& upstream, const UpstreamState& state);
  void login_ended(Upstream& upstream, Breaker::Change change);
  void save(Upstream& upstream);
  void keep(Upstream& upstream);
  bool retire(const std::string& name);
  void take_over(Upstream& upstream, Memory former);
  void sweep();
  void end_if_idle();
  Upstream* find(const std::string& name) const;
  Offer offer(const std::string& name) const;
  Offer limited(Upstream& upstream, Offer offer) const;
  bool may_claim() const;
  bool idle() const;

  Queue& queue_;
  const Clock& clock_;
  Random& random_;
  DispatchOptions options_;
  Settling& settling_;

  std::map<std::string, std::unique_ptr<Upstream>> upstreams_;
  std::vector<std::unique_ptr<Upstream>>
      retiring_;  ///< Replaced or removed; they go once nothing of theirs is in flight.
  std::map<std::string, Memory> former_;  ///< Of those that are configured no more.
  std::map<std::pair<std::int64_t, std::int64_t>, Flight>
      in_flight_;  ///< By message and row of a parcel's first recipient: no two parcels share one.
  Lanes lanes_;
  std::size_t routing_ = 0;  ///< How often routes were given anew.
  ClockWatch watch_;

  enum class Life { New, Running, Stopping } life_ = Life::New;
  bool pumping_ = false;
  bool pump_again_ = false;
  bool claiming_ = false;
  bool broken_ = false;                       ///< The queue takes nothing more until the next start.
  std::optional<SteadyTime> claim_again_at_;  ///< After a disk without space.
  std::optional<SteadyTime> expiry_check_at_;
  bool expiring_ = false;
  std::size_t expiring_left_ = 0;
  std::size_t settling_count_ = 0;
  UniqueFunction<void()> done_;

  std::unique_ptr<Alarm> alarm_;
  std::unique_ptr<Alarm> sweep_alarm_;
  Lifeline lifeline_;
};

}  // namespace mailchute
