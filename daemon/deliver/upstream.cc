#include "deliver/upstream.h"

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "base/text.h"
#include "deliver/reply_rules.h"
#include "deliver/told_wait.h"
#include "deliver/trouble.h"
#include "net/fingerprint.h"
#include "settings/secret.h"

namespace mailchute {

namespace {

/// One more connection is one more login, which providers count: it must be worth it.
constexpr std::size_t kParcelsWorthAConnection = 4;

/// Recipients that the reply to `answer` was given to: one refused at RCPT was not there any more at the end.
std::size_t concerned(const client_event::Finished& finished, const client_event::Finished::Answer& answer) {
  if (answer.stage == Stage::RcptTo) return finished.answers.size();
  return static_cast<std::size_t>(
      std::count_if(finished.answers.begin(), finished.answers.end(),
                    [&](const auto& other) { return other.stage == answer.stage; }));
}

Verdict verdict_of(const UpstreamSettings& settings, const client_event::Finished& finished,
                   const client_event::Finished::Answer& answer) {
  return classify({answer.stage, answer.reply, finished.final_dot_sent, concerned(finished, answer)},
                  settings.rules);
}

/// Nothing was said about the message: the connection ended, or the upstream said goodbye in whatever words,
/// before it looked at the sender.
bool never_begun(const UpstreamSettings& settings, const client_event::Finished& finished) {
  return std::all_of(finished.answers.begin(), finished.answers.end(), [&](const auto& answer) {
    const bool before_sender =
        answer.stage == Stage::MailFrom || answer.stage == Stage::Reset || answer.stage == Stage::Idle;
    if (!before_sender) return false;
    const Verdict verdict = verdict_of(settings, finished, answer);
    if (answer.stage == Stage::MailFrom && verdict.pause) return false;
    return answer.reply.code == 0 || answer.reply.code == 421 || verdict.remedy == Remedy::Reconnect;
  });
}

bool ends_the_session(const UpstreamSettings& settings, const client_event::Finished& finished) {
  return std::any_of(finished.answers.begin(), finished.answers.end(), [&](const auto& answer) {
    return verdict_of(settings, finished, answer).remedy == Remedy::Reconnect;
  });
}

/// The reply that says most about the attempt: the first that is not a success, else the first.
const client_event::Finished::Answer& decisive(const client_event::Finished& finished) {
  const auto refused = std::find_if(finished.answers.begin(), finished.answers.end(),
                                    [](const auto& answer) { return !answer.reply.positive(); });
  return refused == finished.answers.end() ? finished.answers.front() : *refused;
}

}  // namespace

Upstream::Upstream(UpstreamSettings settings, std::string ehlo_name, FetchSecret fetch_secret,
                   const DeliveryTools& tools, CourierListener& listener)
    : settings_(std::move(settings)),
      ehlo_name_(std::move(ehlo_name)),
      fetch_secret_(std::move(fetch_secret)),
      tools_(tools),
      listener_(listener),
      allowed_(settings_.max_connections),
      turn_(tools.alarms.make_alarm()) {}

Upstream::~Upstream() = default;

std::size_t Upstream::connections_max() const {
  const std::size_t allowed = std::min(allowed_, settings_.max_connections);
  return upstream_max_ ? std::min(allowed, *upstream_max_) : allowed;
}

std::size_t Upstream::connections() const { return lines_.size(); }

std::size_t Upstream::count(UpstreamConnection::Phase phase) const {
  return static_cast<std::size_t>(std::count_if(
      lines_.begin(), lines_.end(), [phase](const Line& line) { return line.connection->phase() == phase; }));
}

std::size_t Upstream::room() const {
  if (shutting_down_) return 0;
  const std::size_t wanted = connections_max() * kParcelsAhead;
  return wanted > waiting_.size() ? wanted - waiting_.size() : 0;
}

void Upstream::deliver(Parcel parcel) {
  waiting_.push_back(std::move(parcel));
  turn_soon();
}

// None: what waits goes back, what is under way is finished, and nothing new is begun.
void Upstream::allow_connections(std::size_t count) {
  allowed_ = count;
  upstream_max_.reset();
  turn_soon();
}

void Upstream::turn_soon() {
  if (turn_set_) return;
  turn_set_ = true;
  turn_->set(Duration::zero(), lifeline_.bind([this] { turn(); }));
}

// What must not happen inside somebody's callback happens here: connections are buried, opened and given
// work.
void Upstream::turn() {
  turn_set_ = false;
  buried_.clear();
  if (shutting_down_ || allowed_ == 0) return return_waiting();
  for (std::size_t i = 0; i < lines_.size() && !waiting_.empty(); ++i) {
    UpstreamConnection& connection = *lines_[i].connection;
    if (connection.phase() == UpstreamConnection::Phase::Idle && !lines_[i].settling) feed(connection);
  }
  open_lines();
}

// With a login one after the other: a password that was taken back must not be tried once a connection.
void Upstream::open_lines() {
  using Phase = UpstreamConnection::Phase;
  if (waiting_.empty()) return;
  for (;;) {
    if (!settings_.user.empty() && count(Phase::Opening) > 0) return;
    const std::size_t live = count(Phase::Opening) + count(Phase::Idle) + count(Phase::Carrying);
    if (live >= connections_max() || waiting_.size() <= live * kParcelsWorthAConnection) return;
    if (!settings_.user.empty() && !secret_) return fetch_secret();
    open_line();
    forget_token();
  }
}

void Upstream::open_line() {
  Line line;
  UpstreamConnectionUser& self = *this;
  line.connection =
      std::make_unique<UpstreamConnection>(settings_, ehlo_name_, secret_.value_or(Secret()), tools_, self);
  line.idle = tools_.alarms.make_alarm();
  line.number = ++lines_opened_;
  if (secret_ && !uses_token(settings_)) line.secret_mark = secret_fingerprint(*secret_, settings_.name);
  lines_.push_back(std::move(line));
  lines_.back().connection->open();
}

// By the next connection it may have expired, or been taken back.
void Upstream::forget_token() {
  if (uses_token(settings_)) secret_.reset();
}

void Upstream::fetch_secret() {
  if (fetching_secret_) return;
  fetching_secret_ = true;
  fetch_secret_(lifeline_.bind([this](Result<Secret> secret) { secret_fetched(std::move(secret)); }));
}

void Upstream::secret_fetched(Result<Secret> secret) {
  fetching_secret_ = false;
  if (shutting_down_) return;  // What waited has gone back; and the next courier may have its own.
  if (secret) {
    secret_ = std::move(*secret);
    turn();
    return forget_token();
  }
  listener_.on_trouble(settings_.name,
                       {UpstreamTrouble::Kind::Setup, Stage::Auth, {0, {}, secret.error().text}});
  return_waiting();
}

void Upstream::feed(UpstreamConnection& connection) {
  Line& line = line_of(connection);
  const bool worn_out = line.ending || connection.carried() >= settings_.messages_per_connection;
  if (worn_out || shutting_down_) return connection.quit();
  if (waiting_.empty() || allowed_ == 0) {
    line.idle->set(settings_.idle_close, lifeline_.bind([&connection] { connection.quit(); }));
    return;
  }
  line.idle->clear();
  Parcel parcel = std::move(waiting_.front());
  waiting_.pop_front();
  connection.carry(std::move(parcel));
}

Upstream::Line& Upstream::line_of(const UpstreamConnection& connection) {
  const auto found = std::find_if(lines_.begin(), lines_.end(),
                                  [&](const Line& line) { return line.connection.get() == &connection; });
  CHECK(found != lines_.end());
  return *found;
}

void Upstream::on_idle(UpstreamConnection& connection) {
  if (connection.carried() == 0) {
    log::upstream_ready(settings_.name, connection.peer(), connection.tls());
    listener_.on_ready(settings_.name);
    turn_soon();
  }
  if (!line_of(connection).settling) feed(connection);
  if (room() > 0) listener_.on_room(settings_.name);
}

// The line may be gone by now, and another in its place.
void Upstream::settled(std::uint64_t number) {
  const auto line = std::find_if(lines_.begin(), lines_.end(),
                                 [number](const Line& each) { return each.number == number; });
  if (line == lines_.end()) return;
  line->settling = false;
  if (line->connection->phase() == UpstreamConnection::Phase::Idle) feed(*line->connection);
}

void Upstream::on_carried(UpstreamConnection& connection, Parcel parcel, client_event::Finished finished) {
  if (ends_the_session(settings_, finished)) line_of(connection).ending = true;
  if (!never_begun(settings_, finished)) return attempted(connection, std::move(parcel), finished);
  if (connection.carried() > 1) {
    // A kept connection died while idle: that is the connection's end, not the message's (it goes first over
    // a new one).
    waiting_.push_front(std::move(parcel));
    return turn_soon();
  }
  // Over a new connection it may be this sender that the server hangs up on. Nothing is counted, but the
  // message must not come first for ever, with all other mail behind it.
  if (finished.answers.front().stage == Stage::MailFrom)
    return attempted(connection, std::move(parcel), finished);
  listener_.on_returned(settings_.name, {std::move(parcel)});
}

void Upstream::attempted(UpstreamConnection& connection, Parcel parcel,
                         const client_event::Finished& finished) {
  Line& line = line_of(connection);
  line.settling = true;
  Attempt attempt = attempt_of(connection, std::move(parcel), finished);
  refusals_.judge(attempt);
  listener_.on_attempt(settings_.name, std::move(attempt),
                       lifeline_.bind([this, number = line.number] { settled(number); }));
}

Attempt Upstream::attempt_of(const UpstreamConnection& connection, Parcel parcel,
                             const client_event::Finished& finished) const {
  Attempt attempt;
  for (const auto& answer : finished.answers) {
    attempt.verdicts.push_back(verdict_of(settings_, finished, answer));
    heed_told_wait(attempt.verdicts.back(), tools_.clock.wall());
  }
  const auto& telling = decisive(finished);
  attempt.record.upstream = settings_.name;
  attempt.record.started = connection.carrying_since_wall();
  attempt.record.duration = tools_.clock.steady() - connection.carrying_since();
  attempt.record.stage = telling.stage;
  attempt.record.reply = telling.reply;
  attempt.record.in_doubt = finished.final_dot_sent && telling.reply.code == 0;
  attempt.record.tls = connection.tls();
  attempt.record.peer = connection.peer();
  if (!connection.offered().dsn) attempt.dsn = Attempt::Dsn::NotOffered;
  attempt.parcel = std::move(parcel);
  return attempt;
}

void Upstream::on_gone(UpstreamConnection& connection, Stage stage, const Reply& reply) {
  const bool useless = !connection.was_ready() || (connection.carried() > 0 && connection.completed() == 0);
  const auto at = std::find_if(lines_.begin(), lines_.end(),
                               [&](const Line& line) { return line.connection.get() == &connection; });
  CHECK(at != lines_.end());
  at->idle->clear();
  buried_.push_back(std::move(*at));
  lines_.erase(at);
  turn_soon();
  if (useless && stage != Stage::Quit && !shutting_down_) trouble(buried_.back(), stage, reply);
}

// A further connection that fails beside ones that work says "no more at once", unless its reply said
// something else.
void Upstream::trouble(const Line& line, Stage stage, const Reply& reply) {
  using Phase = UpstreamConnection::Phase;
  UpstreamTrouble trouble = trouble_of(settings_, stage, reply);
  trouble.secret_mark = line.secret_mark;
  if (trouble.pause) heed_told_wait(*trouble.pause, reply, tools_.clock.wall());
  const std::size_t working = count(Phase::Idle) + count(Phase::Carrying);
  const bool about_connecting = !trouble.pause || trouble.pause->kind == Pause::Kind::Connection;
  if (working > 0 && about_connecting) {
    upstream_max_ = working;
    if (stage == Stage::Auth) listener_.on_login(settings_.name, CourierListener::LoginNews::Unjudged);
    return log::note(log::Level::Info, "fewer-connections", settings_.name + ": " + reply_line(reply));
  }
  if (trouble.kind == UpstreamTrouble::Kind::Login) secret_.reset();
  listener_.on_trouble(settings_.name, trouble);
  return_waiting();
}

void Upstream::return_waiting() {
  while (!waiting_.empty()) {
    Parcel parcel = std::move(waiting_.front());
    waiting_.pop_front();
    listener_.on_returned(settings_.name, {std::move(parcel)});
  }
}

void Upstream::shut_down() {
  shutting_down_ = true;
  for (std::size_t i = 0; i < lines_.size(); ++i)
    if (!lines_[i].settling) lines_[i].connection->quit();
  turn_soon();
}

}  // namespace mailchute
