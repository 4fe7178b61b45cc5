#include "smtp/server_session.h"

#include <algorithm>
#include <utility>

#include "base/limits.h"
#include "smtp/server_replies.h"
#include "smtp/server_state.h"

namespace mailchute {

namespace {

/// Replies may be several times as long as what asks for them: of a read full of commands no more is answered
/// at once. A thousand recipients in one flight stay below it.
constexpr std::size_t kRepliesBytes = 16 * 1024;

}  // namespace

ServerSession::ServerSession(ServerOptions options) : state_(std::make_unique<State>(std::move(options))) {}
ServerSession::~ServerSession() = default;
ServerSession::ServerSession(ServerSession&&) noexcept = default;

void ServerSession::greet() {
  if (state_->mode != State::Mode::Greeting) return;  // The peer spoke first and is out already.
  const auto& options = state_->options;
  state_->mode = State::Mode::Command;
  // RFC 5321 4.2: the greeting carries no enhanced code (RFC 2034 4).
  state_->say({220, "", options.greeting.empty() ? options.hostname + " ESMTP mailchute" : options.greeting});
}

void ServerSession::refuse_connection(const Reply& reply) {
  if (state_->mode == State::Mode::Greeting) state_->close_with(reply);
}

void ServerSession::receive(std::string_view bytes) {
  if (state_->mode == State::Mode::Closed) return;
  // RFC 5321 4.3.1: the client waits for the greeting. Those who do not are mostly not clients.
  if (state_->mode == State::Mode::Greeting) return state_->close_with(replies::kOutOfTurn);
  // RFC 3207 4: what comes in clear behind STARTTLS was put there by someone else.
  if (state_->owed == State::Owed::Tls) return state_->close();
  state_->reader.append(bytes);
}

void ServerSession::receive_end() { state_->input = State::Input::Ended; }

std::optional<ServerEvent> ServerSession::next_event() {
  State& state = *state_;
  while (state.events.empty() && state.owed == State::Owed::Nothing && !is_full() && state.step()) {
  }
  const bool waiting = state.events.empty() && state.owed == State::Owed::Nothing && !is_full();
  if (waiting && state.input == State::Input::Ended && state.mode != State::Mode::Closed) state.close();
  if (state.events.empty()) return std::nullopt;

  ServerEvent event = std::move(state.events.front());
  state.events.pop_front();
  return event;
}

void ServerSession::answer(const Reply& reply) {
  if (state_->mode == State::Mode::Closed)
    return;  // It comes too late: the session ended while it was thought about.
  switch (std::exchange(state_->owed, State::Owed::Nothing)) {
    case State::Owed::Sender: state_->answer_sender(reply); break;
    case State::Owed::Recipient: state_->answer_recipient(reply); break;
    case State::Owed::Begin: state_->answer_begin(reply); break;
    case State::Owed::Message: state_->answer_message(reply); break;
    case State::Owed::Login: state_->answer_login(reply); break;
    case State::Owed::OwnMail: state_->say(reply); break;
    case State::Owed::Tls:
    case State::Owed::Nothing: detail::check_failed("answer() follows a question", __FILE__, __LINE__);
  }
  if (reply.code == 421) return state_->close();  // RFC 5321 3.8
  if (state_->service == State::Service::Stopping) state_->close_with(replies::kStopping);
}

void ServerSession::secured() {
  if (state_->mode == State::Mode::Closed) return;
  CHECK(state_->owed == State::Owed::Tls);
  // RFC 3207 4.2: nothing that was said in clear counts any more.
  state_->owed = State::Owed::Nothing;
  state_->options.secured = true;
  state_->helo.clear();
  state_->extended = false;
  state_->transaction.reset();
  ++state_->epoch;
}

void ServerSession::time_out() {
  if (state_->mode == State::Mode::Closed) return;
  if (state_->owed == State::Owed::Tls) return state_->close();  // The peer no longer reads plaintext.
  if (state_->owed == State::Owed::Nothing) state_->close_with(replies::kTimeout);
}

void ServerSession::shut_down() {
  if (state_->mode == State::Mode::Closed) return;
  if (state_->owed == State::Owed::Tls) return state_->close();  // The peer no longer reads plaintext.
  // The content is complete and may be on disk already: only its real answer tells the client whether to send
  // it again.
  if (state_->owed == State::Owed::Message) {
    state_->service = State::Service::Stopping;
    return;
  }
  state_->close_with(replies::kStopping);
}

std::string ServerSession::take_output() { return std::exchange(state_->output, {}); }
bool ServerSession::has_output() const { return !state_->output.empty(); }
bool ServerSession::is_full() const { return state_->output.size() >= kRepliesBytes; }

bool ServerSession::wants_input() const {
  const bool open = state_->mode != State::Mode::Closed && state_->input == State::Input::Open;
  return open && state_->owed == State::Owed::Nothing && !is_full();
}

Patience ServerSession::patience() const {
  // A handshake is the peer's to finish; every other thing that is owed is the driver's.
  if (state_->owed == State::Owed::Tls) return {state_->command_patience(), state_->epoch};
  switch (state_->owed == State::Owed::Nothing ? state_->mode : State::Mode::Closed) {
    case State::Mode::Command:
    case State::Mode::Login: return {state_->command_patience(), state_->epoch};
    case State::Mode::Content:
    case State::Mode::Chunk:
    case State::Mode::LostChunk: return {state_->options.content_patience, state_->epoch};
    case State::Mode::Greeting:
    case State::Mode::Closed: break;
  }
  return {Duration::zero(), state_->epoch};
}

const std::string& ServerSession::helo() const { return state_->helo; }
bool ServerSession::extended() const { return state_->extended; }
bool ServerSession::logged_in() const { return state_->logged_in; }
bool ServerSession::is_secured() const { return state_->options.secured; }

/// Does the next thing that the input allows. False: nothing can be done before more of it comes.
bool ServerSession::State::step() {
  switch (mode) {
    case Mode::Command:
    case Mode::Login: return read_line();
    case Mode::Content: return read_content();
    case Mode::Chunk: return read_chunk();
    case Mode::LostChunk: return read_lost_chunk();
    case Mode::Greeting:
    case Mode::Closed: break;
  }
  return false;
}

bool ServerSession::State::read_line() {
  // Looked at before the line is whole: neither a TLS client nor a flood of zeros will ever end one.
  if (mode == Mode::Command && !reader.discarding() && begins_foreign(reader.rest(), acquaintance)) {
    close_with(replies::kForeign);
    return true;
  }
  const auto line = reader.next();
  if (!line) return false;
  if (line->fault == Line::Fault::Endless)
    close_with(replies::kLineTooLong);  // RFC 5321 4.5.3.1.9
  else if (mode == Mode::Login)
    login_line(*line);
  else
    command(*line);
  return true;
}

void ServerSession::State::ask(Owed what, ServerEvent event) {
  owed = what;
  events.push_back(std::move(event));
  ++epoch;
}

void ServerSession::State::say(const Reply& reply) {
  output += reply_bytes(reply);
  ++epoch;
}

void ServerSession::State::refuse(const Reply& reply) {
  if (++errors >= limits::kSessionErrors) return close_with(replies::kTooManyErrors);
  say(reply);
}

void ServerSession::State::close_with(const Reply& reply) {
  say(reply);
  close();
}

void ServerSession::State::close() {
  if (mode == Mode::Closed) return;
  // Questions that nobody has heard yet are not asked any more; that a draft is gone must still be heard.
  const auto begins = [](const ServerEvent& event) {
    return std::holds_alternative<server_event::ContentBegins>(event);
  };
  if (std::any_of(events.begin(), events.end(), begins)) transaction->draft = Handover::None;
  std::erase_if(events, [](const ServerEvent& event) {
    return !std::holds_alternative<server_event::ContentAbandoned>(event);
  });
  drop_draft();
  mode = Mode::Closed;
  owed = Owed::Nothing;
  events.push_back(server_event::Close{});
  ++epoch;
}

Duration ServerSession::State::command_patience() const {
  const bool stranger = options.logins == ServerOptions::Logins::Required && !logged_in;
  return stranger ? std::min(options.command_patience, options.login_patience) : options.command_patience;
}

void ServerSession::State::drop_draft() {
  if (!transaction || transaction->draft != Handover::Open) return;
  transaction->draft = Handover::Dropped;
  events.push_back(server_event::ContentAbandoned{});
}

void ServerSession::State::drop_transaction() {
  drop_draft();
  transaction.reset();
}

}  // namespace mailchute
