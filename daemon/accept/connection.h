// One app's conversation: what each event of its session means, and the way of its messages into the queue.
// Loop thread only. Says 250 only when the queue has said that the message is on disk.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "accept/admission.h"
#include "accept/caller.h"
#include "accept/doorkeeper.h"
#include "accept/envelope_room.h"
#include "accept/mail_window.h"
#include "accept/recipients.h"
#include "accept/rules.h"
#include "accept/server_pump.h"
#include "accept/turns.h"
#include "base/clock.h"
#include "base/lifeline.h"
#include "mail/intake.h"
#include "net/stream.h"
#include "store/queue.h"

namespace mailchute {

/// What a connection needs from around it.
struct AcceptTools {
  Queue& queue;
  MessageIds& ids;
  const Clock& clock;
  Alarms& alarms;
  Turns& turns;
  std::string token{};               ///< The queue's, for trace lines.
  MailWindow* window = nullptr;      ///< Null: nobody is shown anything.
  Doorkeeper* doorkeeper = nullptr;  ///< Null: neither TLS nor logins; strangers are not told apart.
  ConnectionCount* count = nullptr;  ///< Where a login is counted; null: nowhere.
  EnvelopeRoom* room = nullptr;      ///< Where recipients are counted; null: nowhere.
};

class Connection final : private ServerPumpUser {
 public:
  /// `closed` is called once, last; the connection must be destroyed later, not inside it.
  Connection(std::unique_ptr<Stream> stream, Caller caller, const AcceptRules& rules,
             const AcceptTools& tools, UniqueFunction<void(Connection&)> closed);
  ~Connection() override;

  void open() { pump_.open(); }
  void refuse(const Reply& refusal) { pump_.refuse(refusal); }
  void shut_down() { pump_.shut_down(); }

  const Source& source() const { return source_; }

 private:
  /// The message under way; all of it lives and dies together.
  struct Incoming {
    MessageId id;
    Intake intake;
    std::unique_ptr<Draft> draft;
    WallTime received;
    std::uint64_t bytes = 0;
    bool committing = false;
  };

  void on_event(ServerEvent& event) override;
  bool congested() override;
  bool answering() const override { return incoming_ && incoming_->committing; }
  void on_timeout() override;
  void on_closed() override;

  void handle(const server_event::SenderNamed& event);
  void handle(const server_event::RecipientNamed& event);
  void handle(const server_event::ContentBegins& event);
  void handle(server_event::Content& event);
  void handle(const server_event::ContentEnds& event);
  void handle(const server_event::ContentAbandoned& event);
  void handle(const server_event::LoginAttempted& event);
  void handle(const server_event::OwnMailAsked& event);
  void handle(const server_event::TlsWanted&) {}  // the pump's
  void handle(const server_event::Close&) {}      // the pump's

  /// A 235 that makes it the client that logged in, or why not.
  Reply welcome(const std::string& name);
  void refuse_login(const std::string& name, const Reply& reply);

  void store(std::string bytes);
  TraceFacts trace_facts(MessageId id, WallTime received) const;
  NewMessage new_message(const Envelope& envelope) const;
  std::optional<std::string> route_once() const;
  std::optional<Mailbox> sender_of(const Envelope& envelope) const;
  UniqueFunction<void()> accepted_line(const Incoming& incoming, const Envelope& envelope) const;
  void committed(const QueueResult<void>& result);
  void forget_recipients();

  Source source_;
  Sight sight_;
  const AcceptRules& rules_;
  AcceptTools tools_;
  UniqueFunction<void(Connection&)> closed_;
  Recipients recipients_;                     ///< Of the transaction; it begins anew with each sender.
  std::optional<EnvelopeRoom::Place> place_;  ///< Theirs.
  std::optional<Incoming> incoming_;
  std::unique_ptr<Alarm> login_delay_;  ///< Once a login was refused.
  ServerPump pump_;
  Lifeline lifeline_;
};

}  // namespace mailchute
