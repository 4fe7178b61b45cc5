// The server's side of one SMTP conversation (RFC 5321, 2034, 2920, 3030, 3461, 4954, 6152, 6531): bytes in,
// events and bytes out. Has no clock, socket, thread or log. A driver calls receive(), then takes
// next_event() until there is none, answers each event that asks, and writes output(). While an event is
// unanswered no further input is looked at, which is how "250 only when durable" comes about.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "base/clock.h"
#include "base/secret.h"
#include "mail/envelope.h"
#include "mail/reply.h"
#include "smtp/patience.h"

namespace mailchute {

/// What this server is and offers.
struct ServerOptions {
  std::string hostname = "localhost";     ///< In the greeting and after EHLO.
  std::string mail_domain = "localhost";  ///< Completes bare local names; empty: they stay bare.
  std::uint64_t message_bytes_max = 50ULL << 20;
  std::size_t recipients_max = 1000;
  Duration command_patience{300'000};                                   ///< For one whole command.
  Duration content_patience{180'000};                                   ///< For each 4 KiB of content.
  enum class Logins { None, Offered, Required } logins = Logins::None;  ///< Over a secured stream only.
  enum class StartTls { None, Offered } starttls = StartTls::None;
  bool secured = false;  ///< The stream is TLS from its first byte.
  /// For one command while a login that is required has not succeeded, where it is shorter than the above.
  Duration login_patience{30'000};
  /// XQUEUE, a command of our own: a user of this machine is shown its mail in the queue.
  enum class OwnMail { None, Offered } own_mail = OwnMail::None;
  bool smtputf8 = true;
  bool chunking = true;
  bool pipelining = true;
  std::uint64_t size_offered = 0;  ///< SIZE value; 0: message_bytes_max.
  std::string greeting;            ///< Text behind `220 `; empty: `HOSTNAME ESMTP mailchute`.
};

/// Events. "asks" means: answer() must be called before the conversation goes on.
namespace server_event {
struct SenderNamed {
  const Envelope* envelope;
};  ///< asks; MAIL was well-formed.
struct RecipientNamed {
  const Envelope* envelope;
  const Recipient* recipient;
};  ///< asks; not yet in the envelope.
struct ContentBegins {
  const Envelope* envelope;
};  ///< asks; 354 (DATA) or silence (BDAT) follows a positive answer.
struct Content {
  std::string bytes;
};  ///< Canonical: CRLF only, no dot-stuffing, no NUL.
struct ContentEnds {
  const Envelope* envelope;
};                           ///< asks; a 2xx answer here is the promise.
struct ContentAbandoned {};  ///< After ContentBegins, instead of ContentEnds: drop the draft.
struct LoginAttempted {
  std::string mechanism;
  std::string user;
  Secret password;
};  ///< asks; 235 or 535.
struct OwnMailAsked {
  std::string from;
};                    ///< asks; the answer is said as it is.
struct TlsWanted {};  ///< The driver writes output(), puts TLS on the stream, calls secured().
struct Close {};      ///< The driver writes output() and ends the stream. Last event.
}  // namespace server_event

using ServerEvent =
    std::variant<server_event::SenderNamed, server_event::RecipientNamed, server_event::ContentBegins,
                 server_event::Content, server_event::ContentEnds, server_event::ContentAbandoned,
                 server_event::LoginAttempted, server_event::OwnMailAsked, server_event::TlsWanted,
                 server_event::Close>;

class ServerSession {
 public:
  explicit ServerSession(ServerOptions options);
  ~ServerSession();
  ServerSession(ServerSession&&) noexcept;

  /// Puts the greeting into output(). Bytes received before are a protocol fault (the peer talks out of
  /// turn).
  void greet();
  /// Instead of greet(): `421 4.3.2 ...` and Close.
  void refuse_connection(const Reply& reply);

  /// Takes bytes from the peer; bounded by what the driver reads at once plus one command line.
  void receive(std::string_view bytes);
  /// The peer will send no more.
  void receive_end();

  /// The next thing to be done, or nothing: more input, an answer or time is needed, or the output is to be
  /// taken first (is_full()). Pointers in an event live until answer() or the next call.
  std::optional<ServerEvent> next_event();

  /// Answers the event that asks. A 2xx or 3xx code accepts; the reply's text is for the client and is chosen
  /// by the caller. For accepted SenderNamed, RecipientNamed and ContentBegins the text may be empty: the
  /// session says the usual words.
  void answer(const Reply& reply);

  /// The stream is TLS now: what was learned before is forgotten (RFC 3207 4.2).
  void secured();

  /// The time given by patience() is up: 421 4.4.2 and Close; within a TLS handshake Close alone.
  void time_out();

  /// The daemon stops: idle and half-done transactions end with 421 4.3.2, one that waits for its answer gets
  /// it first.
  void shut_down();

  /// Bytes for the peer; the caller takes them all.
  std::string take_output();
  bool has_output() const;
  /// So much output waits that no more of the input is looked at.
  bool is_full() const;

  /// True while input would only pile up: an answer is owed or too much output waits.
  bool wants_input() const;

  Patience patience() const;

  /// What the client called itself, safe to print, or empty; and whether it said EHLO (for the `with` of the
  /// trace header).
  const std::string& helo() const;
  bool extended() const;
  bool logged_in() const;
  bool is_secured() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace mailchute
