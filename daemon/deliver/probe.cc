#include "deliver/probe.h"

#include <algorithm>
#include <utility>

#include "deliver/identity.h"
#include "deliver/reply_rules.h"
#include "deliver/session_options.h"

namespace mailchute {

namespace {

using Outcome = ProbeStep::Outcome;

/// Nobody sits before a terminal as long as delivery waits; and without a user there is no login.
UpstreamSettings as_tried(UpstreamSettings settings, const ProbeWish& wish) {
  for (Duration* each : {&settings.timeouts.connect, &settings.timeouts.greeting, &settings.timeouts.command})
    *each = std::min(*each, wish.patience);
  if (wish.depth == ProbeWish::Depth::Offers) settings.user.clear();
  return settings;
}

ClientOptions watched(ClientOptions options) {
  options.replies = ClientOptions::Replies::Heard;
  return options;
}

ProbeStep step_at(Stage stage, Reply reply = {}) {
  ProbeStep step;
  step.stage = stage;
  step.reply = std::move(reply);
  return step;
}

Reply no_reply(std::string text) { return {0, {}, std::move(text)}; }

/// A refusal of these two leaves the session usable, so that no failure of it follows.
bool is_trial(Stage stage) { return stage == Stage::MailFrom || stage == Stage::Reset; }

}  // namespace

Mailbox trial_sender(const UpstreamSettings& upstream) {
  if (auto told = envelope_sender_for(std::nullopt, upstream)) return *told;
  const auto login = Mailbox::parse(upstream.user);
  if (login && !login->bare()) return *login;
  return Mailbox("postmaster", upstream.mail_domain);
}

Probe::Probe(UpstreamSettings settings, ProbeWish wish, const ProbeTools& tools, ProbeUser& user)
    : settings_(as_tried(std::move(settings), wish)),
      depth_(wish.depth),
      tools_(tools),
      user_(user),
      sender_(trial_sender(settings_)),
      session_(watched(session_options(settings_, wish.ehlo_name, std::move(wish.credential)))),
      alarm_(tools.alarms.make_alarm()) {}

Probe::~Probe() = default;

void Probe::start() {
  since_ = tools_.clock.steady();
  dialing_ =
      tools_.dialer.dial(settings_.host, settings_.port, settings_.timeouts.connect,
                         lifeline_.bind([this](tl::expected<std::unique_ptr<Stream>, DialFault> dialed) {
                           if (!dialed) return failed(dialed.error().stage, no_reply(dialed.error().text));
                           connected(std::move(*dialed));
                         }));
  dialing_->when_resolved(
      lifeline_.bind([this](const std::vector<std::string>& addresses) { resolved(addresses); }));
}

void Probe::resolved(const std::vector<std::string>& addresses) {
  ProbeStep step = step_at(Stage::Resolve);
  step.addresses = addresses;
  good(std::move(step));
}

void Probe::connected(std::unique_ptr<Stream> stream) {
  stream_ = std::move(stream);
  ProbeStep step = step_at(Stage::Connect);
  step.peer = stream_->peer();
  good(std::move(step));
  if (settings_.tls == TlsMode::Implicit) return put_tls_on();
  stream_->start(*this);
  pump();
}

void Probe::put_tls_on() {
  auto secured = tools_.dialer.secure(std::move(stream_),
                                      {settings_.host, settings_.ca_file, settings_.tls_fingerprint});
  if (!secured) return failed(Stage::Tls, no_reply(secured.error().text));
  stream_ = std::move(*secured);
  securing_ = true;
  alarm_->set(settings_.timeouts.connect, lifeline_.bind([this] { time_out(); }));
  stream_->start(*this);
}

void Probe::on_secured(const TlsFacts& facts) {
  securing_ = false;
  armed_epoch_.reset();
  ProbeStep step = step_at(Stage::Tls);
  step.tls = facts;
  good(std::move(step));
  if (settings_.tls == TlsMode::StartTls) session_.secured();
  pump();
}

void Probe::on_bytes(std::string_view bytes) {
  session_.receive(bytes);
  pump();
}

void Probe::on_end(const StreamEnd& end) {
  if (finished_) return;
  if (securing_ || end.handshake) return failed(Stage::Tls, no_reply(end.text));
  session_.receive_end(end.text);
  pump();
}

void Probe::time_out() {
  if (securing_) return failed(Stage::Tls, no_reply("the TLS handshake took too long"));
  session_.time_out();
  armed_epoch_.reset();
  pump();
}

void Probe::pump() {
  while (!finished_ && !securing_) {
    auto event = session_.next_event();
    if (!event) break;
    std::visit([this](auto& each) { handle(std::move(each)); }, *event);
  }
  if (finished_ || securing_) return;
  settle_heard();
  if (session_.has_output()) stream_->write(session_.take_output());
  arm();
}

void Probe::arm() {
  const Patience patience = session_.patience();
  if (armed_epoch_ == patience.epoch) return;
  armed_epoch_ = patience.epoch;
  alarm_->clear();
  if (patience.limit > Duration::zero()) alarm_->set(patience.limit, lifeline_.bind([this] { time_out(); }));
}

void Probe::handle(client_event::TlsWanted) {
  settle_heard();
  if (session_.has_output()) stream_->write(session_.take_output());
  alarm_->clear();
  put_tls_on();
}

// What follows from a reply stands behind it in the same turn: once there is nothing more, the reply was
// good, or one that only leads to the next (334 to AUTH, a refused mechanism before another).
void Probe::handle(client_event::Heard heard) {
  settle_heard();
  heard_ = std::move(heard);
}

void Probe::settle_heard() {
  if (!heard_) return;
  const client_event::Heard heard = *std::exchange(heard_, std::nullopt);
  if (heard.stage == Stage::Quit) return;
  const bool refusal = heard.reply.transient() || heard.reply.permanent();
  if (refusal && is_trial(heard.stage)) return failed(heard.stage, heard.reply);
  if (!heard.reply.positive()) return;
  ProbeStep step = step_at(heard.stage, heard.reply);
  if (heard.stage == Stage::Ehlo) step.offered = session_.extensions();
  if (heard.stage == Stage::MailFrom) step.sender = sender_;
  good(std::move(step));
}

void Probe::handle(client_event::Ready) {
  settle_heard();
  if (finished_) return;
  if (depth_ != ProbeWish::Depth::Sender || std::exchange(sender_tried_, true)) return session_.quit();
  session_.try_sender(sender_);
}

void Probe::handle(client_event::Failed gone) {
  if (heard_ && heard_->stage == gone.stage) heard_.reset();
  settle_heard();
  if (!finished_) failed(gone.stage, std::move(gone.reply));
}

void Probe::handle(client_event::Closed) { finish(); }

void Probe::good(ProbeStep step) {
  step.outcome = Outcome::Good;
  tell(std::move(step));
}

void Probe::failed(Stage stage, Reply reply) {
  ProbeStep step = step_at(stage, std::move(reply));
  step.outcome = outcome_ = Outcome::Failed;
  if (stage == Stage::MailFrom) step.sender = sender_;
  step.verdict = classify({stage, step.reply}, settings_.rules);
  step.explanation = explanation(step.verdict->rule, settings_.rules);
  tell(std::move(step));
  finish();
}

void Probe::tell(ProbeStep step) {
  const SteadyTime now = tools_.clock.steady();
  step.took = now - std::exchange(since_, now);
  user_.on_step(step);
}

// A session that can still say goodbye is not waited for: nothing depends on it.
void Probe::finish() {
  if (std::exchange(finished_, true)) return;
  alarm_->clear();
  session_.quit();
  if (stream_ != nullptr && session_.has_output()) stream_->write(session_.take_output());
  if (stream_ != nullptr) stream_->finish();
  user_.on_finished(outcome_);
}

}  // namespace mailchute
