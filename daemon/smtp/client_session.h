// The client's side of SMTP towards one upstream: bytes in, events and bytes out; a queue of expectations,
// because with pipelining what was sent and what was answered are two cursors. Has no clock, socket, thread
// or log, and decides no retry: it reports what was said.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "base/secret.h"
#include "mail/envelope.h"
#include "mail/reply.h"
#include "smtp/patience.h"

namespace mailchute {

/// Who we are to the upstream, and what we demand of it.
struct ClientOptions {
  std::string ehlo_name;
  enum class StartTls {
    Never,
    Required
  } starttls = StartTls::Never;  ///< Never: TLS is on already, or none is wanted.
  std::string user;              ///< Empty: no login.
  Secret password;               ///< Or a token, as `credential` says.
  /// Which mechanisms may have it: a password is never given to one that takes tokens, nor the other way.
  enum class Credential { Password, Token } credential = Credential::Password;
  std::vector<std::string> mechanisms = {"login", "plain"};  ///< In order of preference, lower case.
  /// True for a reply to a login's first line that refuses this form of login and says nothing about the
  /// credential; beside 502 and 504, which always do.
  std::function<bool(const Reply&)> refuses_form = {};
  /// Heard: each reply is told as it comes, for who watches the conversation.
  enum class Replies { Untold, Heard } replies = Replies::Untold;
  struct Patiences {
    Duration greeting{300'000};
    Duration command{300'000};
    Duration data_start{120'000};  ///< For 354.
    Duration data{180'000};        ///< For each block of content that the peer must take.
    Duration final_dot{600'000};
  } patience;
};

/// One message for the upstream. Parameters are sent only when the upstream offers their extension.
struct OutgoingMessage {
  std::optional<Mailbox> sender;
  std::vector<Recipient> recipients;
  Body body = Body::Unsaid;
  bool smtputf8 = false;  ///< It is sent with SMTPUTF8 or not at all; an address may demand that too.
  Return ret = Return::Unsaid;
  std::string envelope_id;
  std::uint64_t bytes = 0;
  std::uint64_t bytes_max = 0;  ///< What the upstream takes, whatever it announces; 0: not known.
};

/// What the upstream offered after its last EHLO (RFC 5321 4.1.1.1).
struct Extensions {
  bool pipelining = false;
  bool eight_bit = false;
  bool smtputf8 = false;
  bool dsn = false;
  bool chunking = false;
  bool starttls = false;
  std::optional<std::uint64_t> size;    ///< Empty: not offered. 0: offered without a bound.
  std::vector<std::string> mechanisms;  ///< Union of `AUTH ` and `AUTH=`, lower case.
};

namespace client_event {
/// The driver puts TLS on the stream and calls secured(). Plaintext received behind the 220 is a fault
/// already.
struct TlsWanted {};
/// One reply, told before whatever follows from it. Only where ClientOptions::replies asks for it.
struct Heard {
  Stage stage;
  Reply reply;
};
/// Logged in, nothing under way: send() may be called, or quit().
struct Ready {
  Extensions extensions;
};
/// The upstream wants the content: call content() until done, watching output, then content_end(). Whoever
/// wants all recipients or none looks at `refused` first, the number of those that were, and says
/// content_broken().
struct ContentWanted {
  std::size_t refused = 0;
};
/// The transaction is over; one reply for each recipient, in order: its own refusal, or the one that decided
/// for all. The session is usable when a Ready follows. `final_dot_sent` with code 0: the final reply was
/// lost, the message is in doubt.
struct Finished {
  struct Answer {
    Stage stage;
    Reply reply;
  };
  std::vector<Answer> answers;
  bool final_dot_sent = false;
};
/// The session can do no more. Before any Ready it says what the upstream did; it comes after Finished when a
/// message was under way. `stage` is where; `reply` its words, or code 0 and what happened. Last event: the
/// driver ends the stream.
struct Failed {
  Stage stage;
  Reply reply;
};
/// QUIT was answered or given up. Last event.
struct Closed {};
}  // namespace client_event

using ClientEvent = std::variant<client_event::TlsWanted, client_event::Heard, client_event::Ready,
                                 client_event::ContentWanted, client_event::Finished, client_event::Failed,
                                 client_event::Closed>;

class ClientSession {
 public:
  explicit ClientSession(ClientOptions options);
  ~ClientSession();
  ClientSession(ClientSession&&) noexcept;

  void receive(std::string_view bytes);

  /// The stream ended; `text` says how. Whatever is under way comes to its end through the events.
  void receive_end(std::string_view text);

  std::optional<ClientEvent> next_event();

  /// After TlsWanted.
  void secured();

  /// Only after Ready and before the next Finished. Begins MAIL; all recipients and DATA go in one flight
  /// where PIPELINING is offered.
  void send(OutgoingMessage message);

  /// What it says next, or waits to hear answered, is part of a login.
  bool logs_in() const;

  /// Only when idle: asks whether MAIL would be taken from `sender`, and takes it back (RSET). What is said
  /// to either is Heard; Ready follows whatever the answer was.
  void try_sender(std::optional<Mailbox> sender);

  /// Content in canonical form (CRLF, not stuffed); any split. Bare CR, bare LF or NUL: the caller's fault,
  /// see Result.
  void content(std::string_view bytes);
  void content_end();
  /// The content cannot be read any more: the connection must be dropped without ending the message, so that
  /// the upstream does not take half of it. Finished follows with code 0 at Stage::Body, then Failed.
  void content_broken(std::string_view why);

  /// Says QUIT; Closed follows.
  void quit();

  /// The time of patience() is up.
  void time_out();

  std::string take_output();
  bool has_output() const;
  Patience patience() const;

  /// Nothing is under way: between Ready and send().
  bool idle() const;
  const Extensions& extensions() const;

  /// Takes the credential out of bytes of the upstream's that are shown without having come through an event,
  /// in which it is taken out already.
  void mask(std::string& text) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace mailchute
