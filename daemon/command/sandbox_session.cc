#include "command/sandbox_session.h"

#include <algorithm>
#include <utility>

namespace mailchute {

SandboxSession::SandboxSession(std::unique_ptr<Stream> stream, const ServerOptions& options, Alarms& alarms,
                               SandboxShared shared, UniqueFunction<void(SandboxSession&)> closed)
    : shared_(shared), closed_(std::move(closed)), pump_(std::move(stream), options, alarms, *this) {
  record_.secured = options.secured;
}

void SandboxSession::open() {
  if (auto refusal = shared_.provider.connect())
    pump_.refuse(*refusal);
  else
    pump_.open();
}

void SandboxSession::on_event(ServerEvent& event) {
  std::visit([this](auto& e) { handle(e); }, event);
}

void SandboxSession::handle(const server_event::SenderNamed& event) {
  pump_.session().answer(shared_.provider.sender(sender_text(event.envelope->sender)));
}

void SandboxSession::handle(const server_event::RecipientNamed&) {
  pump_.session().answer(shared_.provider.recipient());
}

void SandboxSession::handle(const server_event::ContentBegins&) {
  record_.beginning.clear();
  record_.bytes = 0;
  pump_.session().answer(shared_.provider.data());
}

void SandboxSession::handle(const server_event::Content& event) {
  record_.bytes += event.bytes.size();
  const std::size_t room = kSandboxShownBytes - record_.beginning.size();
  record_.beginning.append(event.bytes, 0, std::min(room, event.bytes.size()));
}

void SandboxSession::handle(const server_event::ContentEnds& event) {
  record_.number = ++shared_.messages;
  record_.envelope = *event.envelope;
  record_.reply = shared_.provider.end(record_.number);
  shared_.show(record_);
  pump_.session().answer(record_.reply);
}

void SandboxSession::handle(const server_event::ContentAbandoned&) { record_.beginning.clear(); }

void SandboxSession::handle(const server_event::LoginAttempted& event) {
  const Reply reply = shared_.provider.login(event.user, event.password.reveal());
  if (reply.positive()) record_.user = event.user;
  pump_.session().answer(reply);
}

}  // namespace mailchute
