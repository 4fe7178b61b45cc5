#include "relay.h"

#include <unistd.h>

#include <csignal>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "accept/listener.h"
#include "accept/once_routes.h"
#include "base/exit_codes.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/text.h"
#include "control/operator.h"
#include "control/server.h"
#include "net/aside.h"
#include "net/inherited.h"
#include "net/listening.h"
#include "net/notify.h"
#include "net/peer_uid.h"
#include "net/process.h"
#include "net/signals.h"
#include "net/system_dialer.h"
#include "relay_alerts.h"
#include "relay_chores.h"
#include "relay_door.h"
#include "relay_logins.h"
#include "relay_mail_window.h"
#include "relay_options.h"
#include "relay_status.h"
#include "relay_upstreams.h"
#include "schedule/dispatcher.h"
#include "settle/settler.h"
#include "store/sqlite_queue.h"

namespace mailchute {

namespace {

class RelayProcess final : public Relay, private Operator {
 public:
  RelayProcess(Settings settings, LoadOptions load_options)
      : settings_(std::move(settings)), load_options_(std::move(load_options)) {}
  ~RelayProcess() override;

  Result<void> build(std::vector<InheritedSocket> bound);
  int run() override;

 private:
  // Building, in this order.
  Result<void> open_queue();
  void make_stages();
  void set_rules() { (rules_ = accept_rules(settings_)).route_once = once_routes_.asker(clock_); }
  Result<void> listen_smtp();
  Result<void> listen_submit();
  Result<void> serve_control();
  std::vector<Descriptor> passed(const std::string& name);
  void watch_signals();

  // Running, and reloading.
  void tell_status();
  bool told(bool known) {
    tell_status();
    return known;
  }
  void stop(const std::string& why);
  void stopped() {
    life_ = Life::Stopped;
    loop_.stop();
  }
  void queue_broken(const std::string& why);
  void read_again();
  ReloadOutcome take_up(Fresh fresh);
  void apply(Settings fresh, DoorFiles door);
  void give_routes_anew();

  // For the operator.
  LiveStatus live_status() override;
  void operate(Operation operation, Selection selection,
               UniqueFunction<void(QueueResult<std::size_t>)> then) override;
  void reload(UniqueFunction<void(ReloadOutcome)> then) override;
  bool pause_upstream(const std::string& name) override { return told(dispatcher_->pause(name)); }
  bool resume_upstream(const std::string& name) override { return told(dispatcher_->resume(name)); }
  bool route_once(const std::string& message_id, const std::string& upstream) override;
  std::optional<LoginRest> login_rest(const std::string& upstream, const LoginTrial& trial) override {
    return RelayLogins{settings_, *dispatcher_, *alerts_}.rest(upstream, trial);
  }
  bool login_tried(const std::string& upstream, const LoginTrial& trial) override {
    return told(RelayLogins{settings_, *dispatcher_, *alerts_}.tried(upstream, trial));
  }

  Settings settings_;
  LoadOptions load_options_;
  Notifier notify_;
  RelayStatus status_line_{notify_};
  std::vector<InheritedSocket> inherited_;
  SystemClock clock_;
  SystemRandom random_;
  Loop loop_;
  SystemProcesses processes_{loop_};
  WallTime loaded_at_ = clock_.wall();
  SteadyTime started_at_ = clock_.steady();

  std::unique_ptr<SqliteQueue> queue_;
  std::optional<MessageIds> ids_;
  OnceRoutes once_routes_;
  AcceptRules rules_;
  Turns turns_;
  Doorkeeper doorkeeper_;
  std::optional<RelayMailWindow> window_;
  std::optional<RelayChores> chores_;
  std::optional<SystemDialer> dialer_;
  std::optional<Settler> settler_;
  std::optional<RelayAlerts> alerts_;  // Outlives the couriers, which the dispatcher has.
  std::optional<Dispatcher> dispatcher_;
  std::optional<RelayUpstreams> upstreams_;
  PeerUid peer_uid_;
  std::optional<Listener> listener_;
  std::unique_ptr<ControlServer> control_;
  std::string control_path_;
  std::unique_ptr<Signals> signals_;
  std::unique_ptr<Alarm> stop_alarm_;
  std::vector<UniqueFunction<void(ReloadOutcome)>> reload_wanted_;
  bool reading_ = false;  ///< A reload is under way.
  enum class Life { Running, Stopping, Stopped } life_ = Life::Running;
  int parts_to_stop_ = 0;
  int status_ = 0;
  Lifeline lifeline_;
};

RelayProcess::~RelayProcess() {
  if (!control_path_.empty()) ::unlink(control_path_.c_str());
}

// What systemd passed is taken first, before the queue's thread exists.
Result<void> RelayProcess::build(std::vector<InheritedSocket> bound) {
  notify_ = Notifier::from_environment();
  inherited_ = TRY(take_inherited());
  TRY_VOID(check_inherited(inherited_));
  for (InheritedSocket& socket : bound) inherited_.push_back(std::move(socket));
  TRY_VOID(start_aside(loop_));
  TRY_VOID(open_queue());
  make_stages();
  upstreams_->add_all(settings_);
  TRY_VOID(listen_smtp());
  TRY_VOID(listen_submit());
  TRY_VOID(serve_control());
  stop_alarm_ = loop_.make_alarm();
  watch_signals();
  return {};
}

void RelayProcess::watch_signals() {
  signals_ = std::make_unique<Signals>(loop_);
  signals_->on(SIGTERM, [this] { stop("SIGTERM"); });
  signals_->on(SIGINT, [this] { stop("SIGINT"); });
  signals_->on(SIGQUIT, [this] { stop("SIGQUIT"); });
  signals_->on(SIGHUP, [this] { reload([](const ReloadOutcome&) {}); });
}

Result<void> RelayProcess::open_queue() {
  queue_ = TRY(SqliteQueue::open(
      queue_options(settings_), [this](UniqueFunction<void()> then) { loop_.post(std::move(then)); },
      clock_));
  queue_->when_broken([this](const std::string& why) { queue_broken(why); });
  if (queue_->recovered() > 0) log::recovered(queue_->recovered());
  ids_.emplace(clock_, random_, queue_->highest_id());
  return {};
}

void RelayProcess::make_stages() {
  set_rules();
  dialer_.emplace(loop_);
  settler_.emplace(*queue_, clock_, loop_, random_, *ids_, SettleOptions::from(settings_));
  dispatcher_.emplace(*queue_, clock_, loop_, random_, dispatch_options(settings_), *settler_);
  alerts_.emplace(*dispatcher_, *queue_, processes_, clock_, loop_, settings_);
  alerts_->when_changed([this] { tell_status(); });
  settler_->when_untold([this](MessageId id, const char* why) { alerts_->message_untold(id, why); });
  upstreams_.emplace(loop_, processes_, DeliveryTools{*dialer_, loop_, clock_, *queue_}, *dispatcher_,
                     *alerts_);
  window_.emplace(*queue_);
  change_door(doorkeeper_, loop_, settings_.listen, read_door_files(settings_.listen));
  listener_.emplace(
      loop_, rules_,
      AcceptTools{*queue_, *ids_, clock_, loop_, turns_, queue_->token(), &*window_, &doorkeeper_},
      [this](const PeerFacts& facts) { return peer_uid_.owner(facts.peer, facts.local); });
}

std::vector<Descriptor> RelayProcess::passed(const std::string& name) {
  std::vector<Descriptor> sockets;
  for (InheritedSocket& socket : inherited_)
    if (socket.name == name && socket.socket) sockets.push_back(std::move(socket.socket));
  return sockets;
}

// systemd's sockets take the place of `listen.smtp`. When it passed others and not this one, that unit has
// failed, mostly because the port is another program's: what sendmail hands in is taken all the same.
Result<void> RelayProcess::listen_smtp() {
  std::vector<Descriptor> sockets = passed("smtp");
  if (sockets.empty()) {
    auto own = listen_on_each(settings_.listen.smtp);
    if (!own && inherited_.empty()) return tl::unexpected(own.error());
    if (!own) log::note(log::Level::Error, "no-smtp", own.error().text + "; next: mailchute doctor");
    if (own) sockets = std::move(*own);
  }
  for (Descriptor& socket : sockets) {
    if (const auto own = SocketAddress::parse(local_name(socket.get()))) dialer_->listening_at(*own);
    listener_->add(TRY(Acceptor::adopt(loop_, std::move(socket))), Entrance::Smtp);
  }
  return {};
}

// Everybody may write here: who it is, the kernel says.
Result<void> RelayProcess::listen_submit() {
  std::vector<Descriptor> sockets = passed("submit");
  for (Descriptor& socket : sockets)
    listener_->add(TRY(Acceptor::adopt(loop_, std::move(socket))), Entrance::Submit);
  if (!sockets.empty() || settings_.listen.submit.empty()) return {};
  listener_->add(TRY(Acceptor::listen_unix(loop_, settings_.listen.submit, 0666)), Entrance::Submit);
  return {};
}

Result<void> RelayProcess::serve_control() {
  std::vector<Descriptor> sockets = passed("control");
  if (!sockets.empty()) {
    control_ = TRY(ControlServer::open(loop_, std::move(sockets.front()), *this));
    return {};
  }
  if (settings_.listen.control.empty()) return {};
  Descriptor socket = TRY(listen_on_path(settings_.listen.control, 0660));
  control_path_ = settings_.listen.control;
  control_ = TRY(ControlServer::open(loop_, std::move(socket), *this));
  return {};
}

int RelayProcess::run() {
  log::started(MAILCHUTE_VERSION, settings_.path);
  give_routes_anew();
  settler_->start();
  dispatcher_->start(queue_->upstreams());
  alerts_->start(queue_->upstreams().states);
  chores_.emplace(*queue_, loop_, notify_, settings_.queue.history_bodies);
  notify_.ready();
  loop_.run();
  log::stopped();
  return status_;
}

void RelayProcess::tell_status() {
  if (life_ == Life::Running)
    status_line_.tell(status_line(alerts_->backlog(), queue_->admission(), dispatcher_->status()));
}

// Apps first, so that nothing is promised any more; then the deliveries under way; the queue closes last, in
// the destructor.
void RelayProcess::stop(const std::string& why) {
  if (life_ != Life::Running) return stopped();
  life_ = Life::Stopping;
  log::stopping(why);
  notify_.stopping();
  status_line_.tell("Stopping: what is under way is finished, the rest stays in the queue");
  parts_to_stop_ = 2;
  stop_alarm_->set(limits::kShutdownPatience, lifeline_.bind([this] { stopped(); }));
  const auto part_stopped = [this] {
    if (--parts_to_stop_ == 0) alerts_->shut_down(lifeline_.bind([this] { stopped(); }));
  };
  listener_->shut_down(lifeline_.bind(part_stopped));
  dispatcher_->shut_down(lifeline_.bind(part_stopped));
}

// Nothing is known after a failed commit. The process that systemd starts next looks at what is on disk.
void RelayProcess::queue_broken(const std::string& why) {
  log::store_broken(why);
  alerts_->store_broken(why);
  status_ = exit_code::kInputOutput;
  stop("the queue is broken");
}

LiveStatus RelayProcess::live_status() {
  LiveStatus status;
  status.version = MAILCHUTE_VERSION;
  status.uptime_seconds = (clock_.steady() - started_at_) / std::chrono::seconds(1);
  status.config_path = settings_.path;
  status.config_loaded_at = loaded_at_;
  status.admission = admission_name(queue_->admission());
  status.connections = listener_->connections();
  status.pid = ::getpid();
  for (const UpstreamStatus& upstream : dispatcher_->status())
    status.upstreams.push_back(live_upstream(upstream, settings_));
  status.alerts = alerts_->open();
  if (const auto spent = queue_->spent_share()) status.spent_share = {spent->user, spent->bytes};
  return status;
}

void RelayProcess::operate(Operation operation, Selection selection,
                           UniqueFunction<void(QueueResult<std::size_t>)> then) {
  auto done = [this, operation, then = std::move(then)](QueueResult<std::size_t> touched) mutable {
    if (operation == Operation::Retry) give_routes_anew();
    then(std::move(touched));
  };
  queue_->operate(operation, std::move(selection), lifeline_.bind(std::move(done)));
}

bool RelayProcess::route_once(const std::string& message_id, const std::string& upstream) {
  if (!dispatcher_->expect_mail_for(upstream)) return false;
  once_routes_.expect(message_id, upstream, clock_.steady());
  return true;
}

// One reading at a time, in the order they were asked for: of two that ran at once the older could end last,
// and win.
void RelayProcess::reload(UniqueFunction<void(ReloadOutcome)> then) {
  reload_wanted_.push_back(std::move(then));
  if (!reading_) read_again();
}

void RelayProcess::read_again() {
  reading_ = true;
  notify_.reloading();
  auto fresh = std::make_unique<Fresh>();
  Fresh* place = fresh.get();
  run_aside(
      loop_, [place, options = load_options_] { *place = read_fresh(options); },
      lifeline_.bind([this, fresh = std::move(fresh), asked = std::exchange(reload_wanted_, {})]() mutable {
        const ReloadOutcome outcome = take_up(std::move(*fresh));
        notify_.ready();
        tell_status();
        for (auto& then : asked) then(outcome);
        reading_ = false;
        if (!reload_wanted_.empty()) read_again();
      }));
}

ReloadOutcome RelayProcess::take_up(Fresh fresh) {
  Loaded& loaded = fresh.loaded;
  ReloadOutcome outcome{loaded.settings.has_value(), render(loaded.diagnostics)};
  if (!outcome.accepted) {
    log::reload_refused(first_mistake(loaded.diagnostics));
    return outcome;
  }
  outcome.text += what_changed(settings_, *loaded.settings);
  apply(std::move(*loaded.settings), std::move(fresh.door));
  log::reloaded(settings_.path);
  return outcome;
}

// In one turn of the loop: no message meets half of the new configuration. What is open keeps what it copied.
void RelayProcess::apply(Settings fresh, DoorFiles door) {
  if (life_ != Life::Running) return;
  const Settings old = std::exchange(settings_, std::move(fresh));
  loaded_at_ = clock_.wall();
  set_rules();
  change_door(doorkeeper_, loop_, settings_.listen, std::move(door));
  queue_->reconfigure(queue_options(settings_));
  settler_->reconfigure(SettleOptions::from(settings_));
  dispatcher_->reconfigure(dispatch_options(settings_));
  alerts_->reconfigure(settings_);
  upstreams_->renew(old, settings_);
  give_routes_anew();
  log::configure(log_level(settings_.log.level), log_format(settings_.log.format));
  chores_->keep_content_for(settings_.queue.history_bodies);
}

void RelayProcess::give_routes_anew() {
  reroute(*queue_, settings_, lifeline_.bind([this](const QueueResult<std::size_t>& changed) {
    // One that was cut short may have come to some of them.
    if (!changed || *changed > 0) dispatcher_->rerouted();
  }));
}

}  // namespace

Result<std::unique_ptr<Relay>> Relay::build(Loaded loaded, LoadOptions load_options,
                                            std::vector<InheritedSocket> bound) {
  CHECK(loaded.settings.has_value());
  auto relay = std::make_unique<RelayProcess>(std::move(*loaded.settings), std::move(load_options));
  TRY_VOID(relay->build(std::move(bound)));
  return relay;
}

}  // namespace mailchute
