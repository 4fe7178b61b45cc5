#include "accept/connection.h"

#include <utility>

#include "accept/caller.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/text.h"

namespace mailchute {

namespace {

const Reply kAccepted{250, "", ""};
const Reply kStoreBroken{451, "4.3.0", "The queue is not working; try again later"};
const Reply kBusy{451, "4.3.0", "The queue is busy; try again later"};
const Reply kNoSpace{452, "4.3.1", "Not enough disk space for the queue; try again later"};
const Reply kNobodyKnown{550, "5.7.1", "It is not known whose mail that would be"};
const Reply kQueueFull{452, "4.3.1", "The queue is full; try again later"};
const Reply kUserShare{452, "4.3.1", "Too much mail of yours is waiting; try again later"};

Reply fault_reply(const QueueFault& fault) {
  switch (fault.kind) {
    case QueueFault::Kind::NoSpace: return kNoSpace;
    case QueueFault::Kind::UserShare: return kUserShare;
    case QueueFault::Kind::Busy: return kBusy;
    default: return kStoreBroken;
  }
}

Reply admission_reply(Admission admission) {
  switch (admission) {
    case Admission::Open: return kAccepted;
    case Admission::DiskReserve: return kNoSpace;
    case Admission::QueueFull: return kQueueFull;
    case Admission::UserShare: return kUserShare;
    case Admission::Broken: return kStoreBroken;
  }
  return kStoreBroken;
}

std::string host_of(const std::string& address) {
  const auto colon = address.rfind(':');
  std::string host = address.substr(0, colon);
  if (host.size() > 2 && host.front() == '[') host = host.substr(1, host.size() - 2);
  return host;
}

/// RFC 3848.
const char* protocol(const ServerSession& session) {
  if (!session.extended()) return "SMTP";
  if (session.is_secured()) return session.logged_in() ? "ESMTPSA" : "ESMTPS";
  return "ESMTP";
}

/// Whom the kernel names, and nobody else, may ask for its user's mail.
ServerOptions session_options(const AcceptRules& rules, const Source& source, const AcceptTools& tools) {
  ServerOptions options = rules.session;
  if (came_by_submit(source) && tools.window != nullptr) options.own_mail = ServerOptions::OwnMail::Offered;
  if (tools.doorkeeper != nullptr) tools.doorkeeper->offer(source, options);
  return options;
}

ServerPump::PutTlsOn put_tls_on(const AcceptTools& tools) {
  return [doorkeeper = tools.doorkeeper](std::unique_ptr<Stream> plain) {
    return doorkeeper == nullptr ? nullptr : doorkeeper->put_tls_on(std::move(plain));
  };
}

}  // namespace

Connection::Connection(std::unique_ptr<Stream> stream, Caller caller, const AcceptRules& rules,
                       const AcceptTools& tools, UniqueFunction<void(Connection&)> closed)
    : source_(std::move(caller.source)),
      sight_(caller.sight),
      rules_(rules),
      tools_(tools),
      closed_(std::move(closed)),
      pump_(std::move(stream), session_options(rules, source_, tools), tools.alarms, *this,
            put_tls_on(tools)) {}

Connection::~Connection() = default;

void Connection::on_event(ServerEvent& event) {
  std::visit([this](auto& e) { handle(e); }, event);
}

bool Connection::congested() {
  const bool full = incoming_ && incoming_->draft && incoming_->draft->congested();
  if (full) incoming_->draft->when_drained(lifeline_.bind([this] { pump_.pump(); }));
  return full;
}

void Connection::on_timeout() { log::client_fault(caller_text(source_), "too slow"); }

// A message whose commit is under way is kept although its client is gone: its end was received, and the app
// may never try again.
void Connection::on_closed() {
  incoming_.reset();
  forget_recipients();
  closed_(*this);
}

void Connection::handle(const server_event::SenderNamed&) {
  forget_recipients();
  if (tools_.room != nullptr) place_.emplace(*tools_.room, party(source_));
  pump_.session().answer(admission_reply(tools_.queue.admission_of(source_.uid)));
}

void Connection::handle(const server_event::RecipientNamed& event) {
  auto refusal = place_ ? place_->take(*event.recipient) : std::nullopt;
  const std::size_t before = recipients_.all().size();
  if (!refusal) refusal = recipients_.add(*event.recipient, rules_.aliases, rules_.session.recipients_max);
  for (std::size_t at = before + 1; place_ && at < recipients_.all().size(); ++at)
    place_->take_too(recipients_.all()[at]);
  pump_.session().answer(refusal.value_or(kAccepted));
}

void Connection::handle(const server_event::ContentBegins&) {
  const MessageId id = tools_.ids.next();
  const WallTime received = tools_.clock.wall();
  incoming_.emplace(Incoming{id, Intake(trace_facts(id, received), rules_.header_bytes_max),
                             tools_.queue.open(id, source_.uid), received});
  pump_.session().answer(kAccepted);
}

TraceFacts Connection::trace_facts(MessageId id, WallTime received) const {
  TraceFacts facts;
  facts.id = id;
  facts.by = rules_.session.hostname;
  facts.uid = source_.uid;
  facts.login = source_.login;
  if (came_by_submit(source_)) {
    facts.protocol = "local";
  } else {
    facts.helo = pump_.session().helo();
    facts.peer = host_of(source_.address);
    facts.protocol = protocol(pump_.session());
  }
  facts.received = received;
  facts.mail_domain = rules_.mail_domain;
  facts.token = tools_.token;
  return facts;
}

void Connection::handle(server_event::Content& event) {
  if (!incoming_) return;
  store(incoming_->intake.take(event.bytes));
  if (!place_) return;
  if (auto refusal = place_->hold_header(incoming_->intake.held_bytes()))
    incoming_->intake.give_up(*std::move(refusal));
}

// A message that will be refused at its end anyway no longer costs the store anything.
void Connection::store(std::string bytes) {
  if (incoming_->intake.refusal()) incoming_->draft.reset();
  if (bytes.empty() || !incoming_->draft) return;
  incoming_->bytes += bytes.size();
  incoming_->draft->append(std::move(bytes));
}

void Connection::handle(const server_event::ContentEnds& event) {
  store(incoming_->intake.finish());
  if (auto refusal = incoming_->intake.refusal()) {
    incoming_.reset();
    forget_recipients();
    return pump_.session().answer(*refusal);
  }
  incoming_->committing = true;
  // The log line does not hang on the client's life: a message that is kept is told of.
  incoming_->draft->commit(new_message(*event.envelope),
                           [line = accepted_line(*incoming_, *event.envelope),
                            answer = lifeline_.bind([this](const QueueResult<void>& result) {
                              committed(result);
                            })](const QueueResult<void>& result) mutable {
                             if (result) line();
                             answer(result);
                           });
}

UniqueFunction<void()> Connection::accepted_line(const Incoming& incoming, const Envelope& envelope) const {
  return [id = incoming.id.text(), sender = printable(sender_text(sender_of(envelope))),
          recipients = recipients_.all().size(), bytes = incoming.bytes,
          source = source_text(source_)] { log::accepted(id, sender, recipients, bytes, source); };
}

NewMessage Connection::new_message(const Envelope& envelope) const {
  NewMessage message;
  message.id = incoming_->id;
  message.sender = sender_of(envelope);
  const auto once = route_once();
  for (const Recipient& recipient : recipients_.all())
    message.recipients.push_back({recipient, once ? *once : rules_.route(message.sender, recipient.mailbox)});
  message.body = envelope.body;
  message.smtputf8 = envelope.smtputf8;
  message.ret = envelope.ret;
  message.envelope_id = envelope.envelope_id;
  message.bytes = incoming_->bytes;
  message.source = source_;
  message.source.helo = pump_.session().helo();
  message.summary = incoming_->intake.summary();
  message.received = incoming_->received;
  message.lead = tools_.turns.lead(party(source_), sender_text(envelope.sender),
                                   message.summary.urgent ? Turns::Urgency::Urgent : Turns::Urgency::Usual,
                                   tools_.clock.steady());
  message.expires = incoming_->received + rules_.lifetime;
  return message;
}

std::optional<std::string> Connection::route_once() const {
  if (!rules_.route_once) return std::nullopt;
  return rules_.route_once(incoming_->intake.summary().message_id);
}

std::optional<Mailbox> Connection::sender_of(const Envelope& envelope) const {
  if (!envelope.sender) return std::nullopt;
  return envelope.sender->completed(rules_.mail_domain);
}

void Connection::committed(const QueueResult<void>& result) {
  if (!incoming_) return;
  const std::string id = incoming_->id.text();
  incoming_.reset();
  forget_recipients();
  if (result)
    pump_.session().answer({250, "2.0.0", "Ok: queued as " + id});
  else
    pump_.session().answer(fault_reply(result.error()));
  pump_.pump();
}

void Connection::handle(const server_event::ContentAbandoned&) {
  incoming_.reset();
  forget_recipients();
}

void Connection::forget_recipients() {
  recipients_ = Recipients();
  place_.reset();
}

void Connection::handle(const server_event::OwnMailAsked& event) {
  if (sight_ == Sight::OwnMail && !source_.uid) return pump_.session().answer(kNobodyKnown);
  const auto uid = sight_ == Sight::AllMail ? std::nullopt : source_.uid;
  tools_.window->show(uid, event.from, lifeline_.bind([this](const Reply& reply) {
    pump_.session().answer(reply);
    pump_.pump();
  }));
}

void Connection::handle(const server_event::LoginAttempted& event) {
  CHECK(tools_.doorkeeper != nullptr);  // Who else would have offered it?
  const Reply reply = tools_.doorkeeper->judge(source_, event.user, event.password, tools_.clock.steady());
  if (!reply.positive()) return refuse_login(event.user, reply);
  pump_.session().answer(welcome(event.user));
}

Reply Connection::welcome(const std::string& name) {
  Source after = source_;
  after.login = name;
  if (tools_.count != nullptr) {
    if (const auto refusal = tools_.count->logs_in(source_, after, rules_.connections_per_user_max)) {
      log::client_refused(caller_text(source_), refusal->text);
      return *refusal;
    }
  }
  source_ = std::move(after);
  return {235, "2.7.0", ""};
}

// Every refusal takes the same time, and long enough that guessing is no use.
void Connection::refuse_login(const std::string& name, const Reply& reply) {
  log::client_login_refused(caller_text(source_), tools_.doorkeeper->loggable(name), reply.text);
  if (!login_delay_) login_delay_ = tools_.alarms.make_alarm();
  login_delay_->set(limits::kRefusedLoginDelay, lifeline_.bind([this, reply] {
    pump_.session().answer(reply);
    pump_.pump();
  }));
}

}  // namespace mailchute
