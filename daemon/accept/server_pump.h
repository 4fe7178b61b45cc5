// Drives one ServerSession over one Stream: input, alarms, drained output and late answers all end in pump().
// What the events mean is its user's business. Loop thread only.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "base/clock.h"
#include "base/lifeline.h"
#include "net/stream.h"
#include "smtp/dialogue_lines.h"
#include "smtp/server_session.h"

namespace mailchute {

/// What stands behind a pump.
class ServerPumpUser {
 public:
  virtual ~ServerPumpUser() = default;
  /// One event of the session; those that ask must be answered now, or later followed by pump(). Close and
  /// TlsWanted are the pump's own.
  virtual void on_event(ServerEvent& event) = 0;
  /// True while no more input should be read, for the user's reasons; the user calls pump() when that ends.
  virtual bool congested() = 0;
  /// A promise is being made (a commit is under way): a client that half-closed is kept for its answer.
  virtual bool answering() const = 0;
  /// The client ran out of time.
  virtual void on_timeout() = 0;
  /// Last call; the pump must be destroyed later, not inside it.
  virtual void on_closed() = 0;
};

class ServerPump final : private StreamUser {
 public:
  /// `put_tls_on` makes a TLS server stream of a plain one, or null when that cannot be done any more; needed
  /// only where STARTTLS is offered.
  using PutTlsOn = UniqueFunction<std::unique_ptr<Stream>(std::unique_ptr<Stream>)>;

  ServerPump(std::unique_ptr<Stream> stream, ServerOptions options, Alarms& alarms, ServerPumpUser& user,
             PutTlsOn put_tls_on = nullptr);
  ~ServerPump() override;

  /// Greets; or turns the client away with `refusal`.
  void open();
  void refuse(const Reply& refusal);

  /// The daemon stops: what is being promised is still answered, everything else ends with 421.
  void shut_down();

  /// Goes on, after an answer or when congestion has ended.
  void pump();

  ServerSession& session() { return session_; }
  const ServerSession& session() const { return session_; }

 private:
  /// Closing: our goodbye is said, the client's is awaited. Leaving: both are said.
  enum class Life { Open, HalfClosed, Closing, Leaving, Closed };

  void on_bytes(std::string_view bytes) override;
  void on_end(const StreamEnd& end) override;
  void on_drained() override { pump(); }
  void on_secured(const TlsFacts&) override;

  void take_events();
  bool make_room();
  void go_on_later();
  bool unread_answers() const;
  void start_tls();
  void adjust_flow();
  void arm();
  void say_goodbye();
  void close();

  enum class Side { Client, Server };
  void note(Side side, std::string_view bytes);
  void write_output();

  std::unique_ptr<Stream> stream_;
  ServerPumpUser& user_;
  Alarms& alarms_;
  PutTlsOn put_tls_on_;
  ServerSession session_;
  std::unique_ptr<Alarm> alarm_;
  std::unique_ptr<Alarm> others_turn_;  ///< Once it was needed.
  std::optional<std::uint64_t> armed_epoch_;
  Life life_ = Life::Open;
  bool pumping_ = false;
  bool more_waits_ = false;  ///< The session has not looked at all that it was given: it was full.
  bool congested_ = false;   ///< Its user is, so that the client is left unread.
  bool read_ahead_ = false;  ///< Bytes came that the session does not want yet.
  bool secured_from_start_;
  std::optional<DialogueLines> dialogue_;  ///< For the log, where it wants them.
  Lifeline lifeline_;
};

}  // namespace mailchute
