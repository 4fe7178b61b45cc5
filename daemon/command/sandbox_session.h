// One conversation of the sandbox: lets the provider's manners answer, and keeps what is shown of each
// message. Loop thread only.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "accept/server_pump.h"
#include "base/unique_function.h"
#include "command/sandbox_provider.h"

namespace mailchute {

/// What the sandbox shows of a message.
struct SandboxRecord {
  unsigned long number = 0;
  std::string user;  ///< Who logged in; empty: nobody.
  bool secured = false;
  Envelope envelope;
  std::string beginning;  ///< The first part of the content, at most kSandboxShownBytes.
  std::size_t bytes = 0;
  Reply reply;
};

inline constexpr std::size_t kSandboxShownBytes = 16 * 1024;

/// What the sessions of one sandbox share.
struct SandboxShared {
  SandboxProvider& provider;
  unsigned long& messages;  ///< Counts up.
  UniqueFunction<void(const SandboxRecord&)>& show;
};

class SandboxSession final : private ServerPumpUser {
 public:
  /// `closed` is called once, last; the session must be destroyed later, not inside it.
  SandboxSession(std::unique_ptr<Stream> stream, const ServerOptions& options, Alarms& alarms,
                 SandboxShared shared, UniqueFunction<void(SandboxSession&)> closed);

  void open();

 private:
  void on_event(ServerEvent& event) override;
  bool congested() override { return false; }
  bool answering() const override { return false; }
  void on_timeout() override {}
  void on_closed() override { closed_(*this); }

  void handle(const server_event::SenderNamed& event);
  void handle(const server_event::RecipientNamed& event);
  void handle(const server_event::ContentBegins& event);
  void handle(const server_event::Content& event);
  void handle(const server_event::ContentEnds& event);
  void handle(const server_event::ContentAbandoned& event);
  void handle(const server_event::LoginAttempted& event);
  void handle(const server_event::OwnMailAsked&) {}  // not offered
  void handle(const server_event::TlsWanted&) {}     // the pump's
  void handle(const server_event::Close&) {}         // the pump's

  SandboxShared shared_;
  UniqueFunction<void(SandboxSession&)> closed_;
  SandboxRecord record_;
  ServerPump pump_;
};

}  // namespace mailchute
