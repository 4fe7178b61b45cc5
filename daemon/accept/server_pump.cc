#include "accept/server_pump.h"

#include <utility>

#include "base/log.h"
#include "base/text.h"

namespace mailchute {

namespace {

/// How long a client may take to close its side after our goodbye.
constexpr Duration kGoodbyePatience{5000};

/// Answers that a client has not taken from us yet, before no more of what it said is looked at: a thousand
/// clients that never read must not cost more memory than the daemon may have.
constexpr std::size_t kUnreadBytes = 16 * 1024;

/// When a client reads its many answers, the rest of what it said is looked at so much later: a thousand such
/// clients do not keep the others waiting.
constexpr Duration kOthersTurn{1};

}  // namespace

ServerPump::ServerPump(std::unique_ptr<Stream> stream, ServerOptions options, Alarms& alarms,
                       ServerPumpUser& user, PutTlsOn put_tls_on)
    : stream_(std::move(stream)),
      user_(user),
      alarms_(alarms),
      put_tls_on_(std::move(put_tls_on)),
      session_(options),
      alarm_(alarms.make_alarm()),
      secured_from_start_(options.secured) {
  if (log::dialogue_wanted()) dialogue_.emplace();
}

ServerPump::~ServerPump() = default;

void ServerPump::open() {
  stream_->start(*this);
  if (secured_from_start_) return;  // the greeting follows the handshake
  session_.greet();
  pump();
}

void ServerPump::refuse(const Reply& refusal) {
  session_.refuse_connection(refusal);
  stream_->start(*this);
  pump();
}

void ServerPump::shut_down() {
  if (life_ != Life::Open && life_ != Life::HalfClosed) return;
  session_.shut_down();
  pump();
}

void ServerPump::on_bytes(std::string_view bytes) {
  if (life_ != Life::Open) return;
  note(Side::Client, bytes);
  read_ahead_ = !session_.wants_input();
  session_.receive(bytes);
  pump();
}

void ServerPump::on_secured(const TlsFacts&) {
  if (secured_from_start_)
    session_.greet();
  else
    session_.secured();
  pump();
}

// A client that half-closes behind its last command still gets its answers; one that is gone gets none.
void ServerPump::on_end(const StreamEnd& end) {
  if (life_ == Life::Closed) return;
  if (end.handshake) log::client_fault(stream_->peer(), "no TLS: " + printable(end.text));
  if (end.kind != StreamEnd::Kind::Clean || life_ == Life::Closing) return close();
  life_ = Life::HalfClosed;
  session_.receive_end();
  pump();
}

void ServerPump::pump() {
  if (pumping_ || life_ == Life::Closed) return;
  pumping_ = true;
  take_events();
  pumping_ = false;
  if (life_ == Life::Closed) return;
  more_waits_ = session_.is_full();
  write_output();
  if (life_ == Life::Closing) return say_goodbye();
  if (life_ == Life::Leaving || (life_ == Life::HalfClosed && !user_.answering())) {
    stream_->finish();
    return close();
  }
  adjust_flow();
  go_on_later();
  arm();
}

void ServerPump::write_output() {
  if (!session_.has_output()) return;
  std::string output = session_.take_output();
  note(Side::Server, output);
  stream_->write(std::move(output));
}

void ServerPump::note(Side side, std::string_view bytes) {
  if (!dialogue_) return;
  const auto lines = side == Side::Client ? dialogue_->client(bytes) : dialogue_->server(bytes);
  for (const std::string& line : lines)
    log::dialogue(stream_->peer(), side == Side::Client ? "in" : "out", printable(line));
}

void ServerPump::take_events() {
  while (life_ == Life::Open || life_ == Life::HalfClosed) {
    auto event = session_.next_event();
    if (!event && !make_room()) return;
    if (!event) continue;
    if (std::holds_alternative<server_event::Close>(*event))
      life_ = life_ == Life::HalfClosed ? Life::Leaving : Life::Closing;
    else if (std::holds_alternative<server_event::TlsWanted>(*event))
      return start_tls();
    else
      user_.on_event(*event);
  }
}

// A client that half-closes says no more, and of its end nothing is told: what it has said is answered whole.
bool ServerPump::make_room() {
  if (!session_.is_full() || life_ != Life::HalfClosed) return false;
  write_output();
  return true;
}

// Where the client must read first, that it has done so is news by itself (on_drained).
void ServerPump::go_on_later() {
  if (!more_waits_ || unread_answers()) return;
  if (!others_turn_) others_turn_ = alarms_.make_alarm();
  others_turn_->set(kOthersTurn, lifeline_.bind([this] { pump(); }));
}

bool ServerPump::unread_answers() const { return stream_->pending_bytes() >= kUnreadBytes; }

void ServerPump::start_tls() {
  write_output();
  stream_ = put_tls_on_(std::move(stream_));
  if (!stream_)
    return close();     // The certificate went between the offer and its use; the next EHLO shows that.
  read_ahead_ = false;  // It was the STARTTLS; a handshake must be read.
  stream_->start(*this);
}

// To stop reading and begin again costs system calls, and a client that waits for its answer says nothing
// meanwhile: only what says something all the same is left unread from then on.
void ServerPump::adjust_flow() {
  if (session_.wants_input()) read_ahead_ = false;
  congested_ = user_.congested();
  if (congested_ || unread_answers() || more_waits_ || read_ahead_)
    stream_->pause();
  else
    stream_->resume();
}

// A client that is left unread for our own reasons has all its time anew once it is read.
void ServerPump::arm() {
  if (congested_) {
    armed_epoch_.reset();
    return alarm_->clear();
  }
  const Patience patience = session_.patience();
  if (armed_epoch_ == patience.epoch) return;
  armed_epoch_ = patience.epoch;
  if (patience.limit == Duration::zero()) return alarm_->clear();
  alarm_->set(patience.limit, lifeline_.bind([this] {
    user_.on_timeout();
    session_.time_out();
    pump();
  }));
}

void ServerPump::say_goodbye() {
  if (armed_epoch_ == UINT64_MAX) return;  // said already
  armed_epoch_ = UINT64_MAX;
  stream_->finish();
  stream_->resume();
  alarm_->set(kGoodbyePatience, lifeline_.bind([this] { close(); }));
}

void ServerPump::close() {
  if (life_ == Life::Closed) return;
  life_ = Life::Closed;
  alarm_->clear();
  user_.on_closed();
}

}  // namespace mailchute
