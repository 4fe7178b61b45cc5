#include "relay_alerts.h"

#include <algorithm>
#include <set>
#include <string_view>

#include "alert/alert.h"
#include "base/log.h"
#include "base/text.h"
#include "mail/reply.h"

namespace mailchute {

namespace {

/// Often enough for thresholds that are counted in minutes.
constexpr Duration kLookPause{30'000};
/// After something happened: it may be over, and whoever asks for the state wants to see that.
constexpr Duration kLookSoon{1'000};

constexpr int kThirdTime = 3;

AlertRules alert_rules(const Settings& settings) {
  return {settings.notify.oldest_message,
          static_cast<std::size_t>(std::max(settings.notify.login_refused, 0))};
}

std::vector<std::string> upstream_names(const Settings& settings) {
  std::vector<std::string> names;
  for (const UpstreamSettings& upstream : settings.upstreams) names.push_back(upstream.name);
  return names;
}

std::string words_of(Stage stage, const Reply& reply) {
  return std::string(stage_name(stage)) + ": " + reply_line(reply);
}

bool is_limit(const std::optional<Pause>& pause) {
  return pause && (pause->kind == Pause::Kind::Rate || pause->kind == Pause::Kind::Quota);
}

AlertWatch::Trouble kind_of(const UpstreamTrouble& trouble) {
  using Trouble = AlertWatch::Trouble;
  const bool said = trouble.reply.code != 0;
  // Without a reply nobody refused us: there was nothing that we could say.
  if (trouble.stage == Stage::Auth && trouble.kind != UpstreamTrouble::Kind::Connection)
    return said ? Trouble::Login : Trouble::Secret;
  // Verification and roots alike: net/tls_fault and net/tls_context speak of certificates, and of nothing
  // else so.
  if (trouble.stage == Stage::Tls && trouble.reply.text.find("certificate") != std::string::npos)
    return Trouble::Certificate;
  return is_limit(trouble.pause) ? Trouble::Rate : Trouble::Connection;
}

AlertFacts::Room room_of(Admission admission) {
  switch (admission) {
    case Admission::DiskReserve: return AlertFacts::Room::DiskReserve;
    case Admission::QueueFull: return AlertFacts::Room::QueueFull;
    case Admission::Open:
    case Admission::UserShare:      // others' mail is taken
    case Admission::Broken: break;  // told when it breaks
  }
  return AlertFacts::Room::Enough;
}

/// Held back by a rate or a quota of the configuration, as schedule/dispatcher.h says it.
bool is_held(const UpstreamStatus& status) { return status.reason.starts_with("quota: "); }

UpstreamTrouble trouble_from(const UpstreamState& saved) {
  UpstreamTrouble trouble;
  trouble.kind =
      saved.stage == Stage::Auth ? UpstreamTrouble::Kind::Login : UpstreamTrouble::Kind::Connection;
  trouble.stage = saved.stage;
  trouble.reply = saved.reply;
  if (saved.trouble == "rate" || saved.trouble == "quota") trouble.pause = Pause{};
  return trouble;
}

}  // namespace

RelayAlerts::RelayAlerts(Dispatcher& dispatcher, SqliteQueue& queue, ProcessRunner& processes,
                         const Clock& clock, Alarms& alarms, const Settings& settings)
    : dispatcher_(dispatcher),
      queue_(queue),
      clock_(clock),
      host_(settings.hostname),
      upstreams_(upstream_names(settings)),
      watch_(alert_rules(settings)),
      command_(processes, clock, alarms, settings.notify.command),
      alarm_(alarms.make_alarm()) {}

void RelayAlerts::start(const std::vector<UpstreamState>& saved) {
  for (const UpstreamState& state : saved)
    if (state.trouble != "none" && state.cooling_until && knows(state.name))
      watch_.trouble(state.name, kind_of(trouble_from(state)), words_of(state.stage, state.reply), now());
  tell_due();
  look();
}

void RelayAlerts::reconfigure(const Settings& settings) {
  host_ = settings.hostname;
  upstreams_ = upstream_names(settings);
  watch_.reconfigure(alert_rules(settings), upstreams_);
  command_.reconfigure(settings.notify.command);
  requests_.clear();
  look_in(Looking::Later);
}

void RelayAlerts::message_untold(MessageId id, const char* why) {
  watch_.happened(AlertEvent::MessageUntold, "", id.text() + ": " + why, now());
  react();
}

void RelayAlerts::store_broken(const std::string& why) {
  watch_.happened(AlertEvent::StoreBroken, "", printable(why), now());
  react();
}

void RelayAlerts::shut_down(UniqueFunction<void()> done) {
  looking_ = Looking::Never;
  alarm_->clear();
  command_.shut_down(std::move(done));
}

// What passes between the couriers and the dispatcher.

void RelayAlerts::on_attempt(const std::string& upstream, Attempt attempt, UniqueFunction<void()> settled) {
  if (knows(upstream)) judge_all(upstream, attempt.verdicts);
  react();
  dispatcher_.on_attempt(upstream, std::move(attempt), std::move(settled));
}

void RelayAlerts::on_returned(const std::string& upstream, Returned returned) {
  look_in(Looking::Later);
  dispatcher_.on_returned(upstream, std::move(returned));
}

void RelayAlerts::on_ready(const std::string& upstream) {
  watch_.ready(upstream, now());
  react();
  dispatcher_.on_ready(upstream);
  if (changed_) changed_();
}

void RelayAlerts::on_trouble(const std::string& upstream, UpstreamTrouble trouble) {
  const AlertWatch::Trouble kind = kind_of(trouble);
  const std::string words = words_of(trouble.stage, trouble.reply);
  if (knows(upstream) && !dispatcher_.is_of_former_secret(upstream, trouble)) {
    watch_.trouble(upstream, kind, words, now());
    // A refused login is told by a rule of its own (notify.after.login_refused).
    if (kind != AlertWatch::Trouble::Login) note_request(upstream, trouble.alert, trouble.rule, words);
    react();
  }
  dispatcher_.on_trouble(upstream, std::move(trouble));
  if (changed_) changed_();
}

void RelayAlerts::on_room(const std::string& upstream) { dispatcher_.on_room(upstream); }

// What a rule says in one attempt it has said once, however many recipients it was said of.
void RelayAlerts::judge_all(const std::string& upstream, const std::vector<Verdict>& verdicts) {
  std::set<std::string_view> said;
  for (const Verdict& verdict : verdicts)
    if (verdict.fate == Fate::Delivered || said.insert(verdict.rule).second) judge(upstream, verdict);
}

void RelayAlerts::judge(const std::string& upstream, const Verdict& verdict) {
  if (verdict.fate == Fate::Delivered) {
    watch_.delivered(upstream, now());
    std::erase_if(requests_, [&](const auto& each) { return each.first.first == upstream; });
  }
  if (!verdict.pause && verdict.alert == Alert::None) return;
  const std::string words = words_of(verdict.stage, verdict.reply);
  if (is_limit(verdict.pause)) watch_.trouble(upstream, AlertWatch::Trouble::Rate, words, now());
  if (verdict.pause && verdict.pause->kind == Pause::Kind::Login)
    watch_.trouble(upstream, AlertWatch::Trouble::Login, words, now());
  note_request(upstream, verdict.alert, verdict.rule, words);
}

void RelayAlerts::note_request(const std::string& upstream, Alert alert, const std::string& rule,
                               const std::string& words) {
  if (alert == Alert::None) return;
  const int times = ++requests_[{upstream, rule}];
  if (alert == Alert::First || times >= kThirdTime)
    watch_.happened(AlertEvent::ProviderAsks, upstream, words, now());
}

// Looking.

void RelayAlerts::look_in(Looking when) {
  if (looking_ >= when) return;
  looking_ = when;
  alarm_->set(when == Looking::Soon ? kLookSoon : kLookPause, lifeline_.bind([this] { look(); }));
}

void RelayAlerts::look() {
  alarm_->clear();
  looking_ = Looking::Now;
  queue_.backlog(lifeline_.bind([this](QueueResult<Backlog> backlog) {
    backlog_ = backlog.value_or(Backlog{});
    if (looking_ == Looking::Now) looked();
  }));
}

void RelayAlerts::looked() {
  AlertFacts facts;
  facts.room = room_of(queue_.admission());
  facts.oldest = backlog_.oldest;
  for (const UpstreamStatus& status : dispatcher_.status())
    if (is_held(status)) facts.held.push_back(status.name);
  watch_.look(facts, now());
  looking_ = Looking::No;
  tell_due();
  if (!all_well()) look_in(Looking::Later);
  if (changed_) changed_();
}

bool RelayAlerts::all_well() const {
  const std::vector<UpstreamStatus> all = dispatcher_.status();
  return !backlog_.oldest && watch_.quiet() &&
         std::all_of(all.begin(), all.end(),
                     [](const UpstreamStatus& status) { return status.state == UpstreamStatus::State::Ok; });
}

// Telling.

void RelayAlerts::react() {
  tell_due();
  look_in(Looking::Soon);
}

void RelayAlerts::tell_due() {
  for (const AlertNews& news : watch_.due(now())) tell(news);
}

void RelayAlerts::tell(const AlertNews& news) {
  const bool over = news.state == AlertNews::State::Over;
  const std::string event = event_name(news.event);
  const std::string severity = severity_name(news.severity);
  log::alert(severity, event, over ? "over" : "open", news.upstream, news.summary, news.detail);
  command_.hand_over(
      {event,
       to_json(news, host_),
       {"MAILCHUTE_EVENT=" + event, "MAILCHUTE_SEVERITY=" + severity, "MAILCHUTE_UPSTREAM=" + news.upstream,
        std::string("MAILCHUTE_RESOLVED=") + (over ? "true" : "false")}});
}

std::vector<LiveAlert> RelayAlerts::open() const {
  std::vector<LiveAlert> alerts;
  for (const AlertNews& news : watch_.open())
    alerts.push_back({event_name(news.event), severity_name(news.severity), news.upstream, news.since,
                      news.summary, news.detail, news.next, news.count});
  return alerts;
}

bool RelayAlerts::knows(const std::string& upstream) const {
  return std::find(upstreams_.begin(), upstreams_.end(), upstream) != upstreams_.end();
}

}  // namespace mailchute
