#include "smtp/client_session.h"

#include <deque>
#include <utility>

#include "base/limits.h"
#include "base/result.h"
#include "smtp/client_commands.h"
#include "smtp/client_dialogue.h"
#include "smtp/client_opening.h"
#include "smtp/client_transaction.h"
#include "smtp/credential_mask.h"
#include "smtp/reply_reader.h"

namespace mailchute {

namespace {

using namespace client_event;

/// What a session is doing; the two that say much have a file of their own.
struct Idle {};
struct Trying {};    ///< A sender: MAIL, and RSET.
struct Clearing {};  ///< Finished is told; a RSET or a lone dot stands between us and the next message.
struct Closing {};
struct Ended {};
using Phase = std::variant<ClientOpening, Idle, Trying, ClientTransaction, Clearing, Closing, Ended>;

/// As it may be kept and shown. What the upstream says is bounded here and nowhere below, because EHLO needs
/// it whole.
Reply kept(Reply reply) {
  if (reply.text.size() > limits::kReplyKeptBytes) reply.text.resize(limits::kReplyKeptBytes);
  return reply;
}

std::string seconds(Duration duration) {
  if (duration.count() % 1000 != 0) return std::to_string(duration.count()) + " ms";
  return std::to_string(duration.count() / 1000) + " s";
}

/// A hint that is true only until the next thing happens: once the session has failed nobody can act on it.
bool is_invitation(const ClientEvent& event) {
  return std::holds_alternative<Ready>(event) || std::holds_alternative<TlsWanted>(event) ||
         std::holds_alternative<ContentWanted>(event);
}

}  // namespace

struct ClientSession::State {
  explicit State(ClientOptions options)
      : mask(options.user, options.password),
        dialogue(options.patience),
        replies(options.replies),
        phase(std::in_place_type<ClientOpening>, std::move(options)) {
    dialogue.await_greeting();
  }

  template <typename T>
  T* in() {
    return std::get_if<T>(&phase);
  }
  template <typename T>
  bool is() const {
    return std::holds_alternative<T>(phase);
  }

  void receive(std::string_view bytes);
  void out_of_turn();
  bool answers_content_early(const std::optional<Result<Reply>>& next);
  std::optional<Result<Reply>> next_reply();
  void answer(Reply reply);
  void opened(ClientOpening::Step step);
  void advanced(ClientTransaction::Step step);
  void tried(Awaited what, const Reply& reply);
  void cleared(Awaited what, const Reply& reply);
  void tell(Stage at, const Reply& reply);

  void send(OutgoingMessage message);
  void try_sender(const OutgoingMessage& question);
  void refuse_unsent(std::size_t recipients, const Reply& reply);
  void after_content(const Result<void>& canonical);
  void become_ready();
  void say_quit();
  void break_off(Stage stage, Reply reply);
  void close();

  Stage stage() const;
  Duration limit() const;
  std::string what_is_missing() const;

  CredentialMask mask;
  ClientDialogue dialogue;
  ClientOptions::Replies replies;
  ReplyReader reader;
  Extensions offered;
  std::deque<ClientEvent> events;
  Phase phase;
  bool quit_wanted = false;
};

// Input.

/// A reply can only answer what had been said when its bytes came: one that comes sooner is left over and
/// ends the session. Without this one reply too many would shift all that follow, and a message could be
/// taken for accepted that was not.
void ClientSession::State::receive(std::string_view bytes) {
  if (is<Ended>()) return;
  reader.receive(bytes);
  for (std::size_t answerable = dialogue.answerable(); !is<Ended>(); --answerable) {
    if (answerable == 0) return out_of_turn();
    auto next = next_reply();
    if (!next) return;
    if (!*next) return break_off(stage(), {0, "", next->error().text});
    answer(std::move(**next));
  }
}

/// Bytes when none are due. Of use are only a farewell (421, and on an idle connection any refusal: Amazon
/// says 451) and the word that content need not go on.
void ClientSession::State::out_of_turn() {
  if (reader.unread().empty()) return;
  const auto next = next_reply();
  if (answers_content_early(next)) return;
  const bool complete = next && *next;
  const bool refusal = complete && ((*next)->transient() || (*next)->permanent());
  const bool farewell = refusal && ((*next)->code == 421 || is<Idle>());
  if (farewell) return break_off(stage(), **next);
  const auto* opening = in<ClientOpening>();
  if (opening && opening->awaits_tls())
    return break_off(Stage::StartTls, {0, "", "plaintext behind the answer to STARTTLS"});
  break_off(stage(),
            {0, "", "the upstream speaks out of turn" + (complete ? ": " + (*next)->text : std::string())});
}

/// True when the bytes are, or begin, a refusal in the middle of content: it is waited for, then it decides
/// (RFC 5321 4.2.5 leaves no other moment for it, but servers that run out of room do not wait).
bool ClientSession::State::answers_content_early(const std::optional<Result<Reply>>& next) {
  const auto* transaction = in<ClientTransaction>();
  if (!transaction || !transaction->may_be_cut_short()) return false;
  if (!next) return reader.unread().front() == '4' || reader.unread().front() == '5';
  if (!*next || !((*next)->transient() || (*next)->permanent())) return false;
  break_off(Stage::Body, **next);
  return true;
}

/// As long as the session lives: a refusal of MAIL, too, may quote the login.
std::optional<Result<Reply>> ClientSession::State::next_reply() {
  auto next = reader.next();
  if (next) mask.apply(*next ? (**next).text : next->error().text);
  return next;
}

void ClientSession::State::answer(Reply reply) {
  const Awaited what = dialogue.take_next();
  tell(stage_of(what), reply);
  if (is<Closing>()) return close();
  if (reply.code == 421)
    return break_off(stage_of(what), std::move(reply));  // RFC 5321 3.8: it will close, whatever was asked
  if (auto* opening = in<ClientOpening>()) return opened(opening->answer(what, reply, dialogue));
  if (auto* transaction = in<ClientTransaction>())
    return advanced(transaction->answer(what, kept(std::move(reply)), dialogue));
  if (is<Trying>()) return tried(what, reply);
  cleared(what, reply);
}

void ClientSession::State::tell(Stage at, const Reply& reply) {
  if (replies == ClientOptions::Replies::Heard) events.push_back(Heard{at, kept(reply)});
}

void ClientSession::State::opened(ClientOpening::Step step) {
  offered = in<ClientOpening>()->offered();
  if (!step) return break_off(step.error().stage, std::move(step.error().reply));
  if (*step == ClientOpening::Progress::LoggedIn) return become_ready();
  if (*step == ClientOpening::Progress::TlsWanted) events.push_back(TlsWanted{});
}

void ClientSession::State::advanced(ClientTransaction::Step step) {
  using Progress = ClientTransaction::Progress;
  if (!step) return break_off(step.error().stage, std::move(step.error().reply));
  if (*step == Progress::Waiting) return;
  if (*step == Progress::ContentWanted)
    return void(events.push_back(ContentWanted{in<ClientTransaction>()->refused()}));

  events.push_back(in<ClientTransaction>()->finished());
  if (*step == Progress::Clearing)
    phase.emplace<Clearing>();
  else
    become_ready();
}

/// RFC 5321 3.3: a MAIL that was refused has begun nothing, so there is nothing to take back.
void ClientSession::State::tried(Awaited what, const Reply& reply) {
  const bool refused = reply.transient() || reply.permanent();
  if (what == Awaited::MailFrom && reply.positive()) return dialogue.say("RSET", Awaited::Reset);
  if (what == Awaited::MailFrom ? !refused : !reply.positive())
    return break_off(stage_of(what), as_refusal(reply, what));
  become_ready();
}

/// What a lone dot is answered with says nothing about anybody; a RSET that is refused leaves a transaction
/// open that is not ours.
void ClientSession::State::cleared(Awaited what, const Reply& reply) {
  const bool refusal_will_do = what == Awaited::LoneDot && (reply.transient() || reply.permanent());
  if (!reply.positive() && !refusal_will_do) return break_off(Stage::Reset, as_refusal(reply, what));
  become_ready();
}

// What the driver asks for.

void ClientSession::State::send(OutgoingMessage message) {
  // The upstream may have ended the session since Ready was told: then Failed is what comes, and the message
  // was never begun.
  if (!is<Idle>()) return;
  if (message.recipients.empty()) return refuse_unsent(0, {});
  if (const auto refusal = refusal_before_sending(message, offered))
    return refuse_unsent(message.recipients.size(), *refusal);
  phase.emplace<ClientTransaction>(std::move(message), offered).begin(dialogue);
}

void ClientSession::State::try_sender(const OutgoingMessage& question) {
  if (!is<Idle>()) return;
  if (const auto refusal = refusal_before_sending(question, offered)) {
    tell(Stage::MailFrom, *refusal);
    return become_ready();
  }
  phase.emplace<Trying>();
  dialogue.say(mail_command(question, offered), Awaited::MailFrom);
}

void ClientSession::State::refuse_unsent(std::size_t recipients, const Reply& reply) {
  events.push_back(Finished{std::vector<Finished::Answer>(recipients, {Stage::MailFrom, reply}), false});
  become_ready();
}

void ClientSession::State::after_content(const Result<void>& canonical) {
  if (!canonical) break_off(Stage::Body, {0, "", canonical.error().text});
}

void ClientSession::State::become_ready() {
  if (quit_wanted) return say_quit();
  phase.emplace<Idle>();
  dialogue.progressed();
  events.push_back(Ready{offered});
}

void ClientSession::State::say_quit() {
  phase.emplace<Closing>();
  dialogue.say("QUIT", Awaited::Quit);
}

// Ends.

/// The session is over; what goes wrong behind a QUIT is of no interest to anybody. Nothing that was not
/// taken yet is said any more: half a message must not become a whole one.
void ClientSession::State::break_off(Stage stage, Reply reply) {
  if (is<Closing>()) return close();
  reply = kept(std::move(reply));
  std::erase_if(events, is_invitation);
  if (auto* transaction = in<ClientTransaction>()) {
    transaction->settle_rest(stage, reply);
    events.push_back(transaction->finished());
  }
  dialogue.fall_silent();
  phase.emplace<Ended>();
  events.push_back(Failed{stage, std::move(reply)});
}

void ClientSession::State::close() {
  std::erase_if(events, is_invitation);
  dialogue.fall_silent();
  phase.emplace<Ended>();
  events.push_back(Closed{});
}

// What is being waited for.

Stage ClientSession::State::stage() const {
  if (!dialogue.all_answered()) return stage_of(dialogue.next());
  if (is<ClientTransaction>()) return Stage::Body;
  return is<ClientOpening>() ? Stage::Tls : Stage::Idle;
}

Duration ClientSession::State::limit() const {
  if (!dialogue.all_answered()) return dialogue.patience_for(dialogue.next());
  if (is<ClientTransaction>()) return dialogue.patience_for_content();
  return is<ClientOpening>() ? Duration(limits::kHandshakePatience) : Duration(0);
}

std::string ClientSession::State::what_is_missing() const {
  const std::string within = " within " + seconds(limit());
  if (!dialogue.all_answered()) return std::string("no answer to ") + name_of(dialogue.next()) + within;
  return (is<ClientTransaction>() ? "the content did not go out" : "no TLS handshake") + within;
}

// The public face.

ClientSession::ClientSession(ClientOptions options) : state_(std::make_unique<State>(std::move(options))) {}
ClientSession::~ClientSession() = default;
ClientSession::ClientSession(ClientSession&&) noexcept = default;

void ClientSession::receive(std::string_view bytes) { state_->receive(bytes); }

void ClientSession::receive_end(std::string_view text) {
  if (state_->is<Ended>()) return;
  state_->break_off(state_->stage(),
                    {0, "", text.empty() ? "the upstream closed the connection" : std::string(text)});
}

std::optional<ClientEvent> ClientSession::next_event() {
  if (state_->events.empty()) return std::nullopt;
  ClientEvent event = std::move(state_->events.front());
  state_->events.pop_front();
  return event;
}

void ClientSession::secured() {
  auto* opening = state_->in<ClientOpening>();
  if (opening && opening->awaits_tls()) opening->secured(state_->dialogue);
}

void ClientSession::send(OutgoingMessage message) { state_->send(std::move(message)); }

void ClientSession::try_sender(std::optional<Mailbox> sender) {
  OutgoingMessage question;
  question.sender = std::move(sender);
  state_->try_sender(question);
}

// Content for a message that the upstream has already refused may still be on its way to us: it is dropped.

void ClientSession::content(std::string_view bytes) {
  auto* transaction = state_->in<ClientTransaction>();
  if (transaction && transaction->wants_content())
    state_->after_content(transaction->content(bytes, state_->dialogue));
}

void ClientSession::content_end() {
  auto* transaction = state_->in<ClientTransaction>();
  if (transaction && transaction->wants_content())
    state_->after_content(transaction->content_end(state_->dialogue));
}

void ClientSession::content_broken(std::string_view why) {
  auto* transaction = state_->in<ClientTransaction>();
  if (transaction && transaction->wants_content()) state_->break_off(Stage::Body, {0, "", std::string(why)});
}

/// With a message under way QUIT waits for its end; before the first Ready there is nobody to take leave of.
void ClientSession::quit() {
  if (state_->is<Idle>()) return state_->say_quit();
  if (state_->is<ClientOpening>()) return state_->close();
  state_->quit_wanted = true;
}

void ClientSession::time_out() {
  if (state_->is<Ended>() || state_->is<Idle>()) return;
  state_->break_off(state_->stage(), {0, "", state_->what_is_missing()});
}

std::string ClientSession::take_output() {
  if (auto* transaction = state_->in<ClientTransaction>()) transaction->output_taken();
  return state_->dialogue.take_output();
}

bool ClientSession::has_output() const { return state_->dialogue.has_output(); }

Patience ClientSession::patience() const { return {state_->limit(), state_->dialogue.epoch()}; }

bool ClientSession::idle() const { return state_->is<Idle>(); }

bool ClientSession::logs_in() const { return state_->is<ClientOpening>() && state_->stage() == Stage::Auth; }

void ClientSession::mask(std::string& text) const { state_->mask.apply(text); }

const Extensions& ClientSession::extensions() const { return state_->offered; }

}  // namespace mailchute
