// Stands behind a ServerSession in place of listener and store: answers what it asks, keeps what it accepts,
// all in memory.
#pragma once

#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "smtp/server_session.h"

namespace mailchute::test {

/// What a session asks.
enum class Question { Sender, Recipient, Begin, Message, Login };

class ServerDriver {
 public:
  struct Message {
    Envelope envelope;
    std::string content;
  };

  explicit ServerDriver(ServerOptions options) : session_(std::move(options)) {}

  /// The next question of this kind gets this reply; without one it is accepted.
  void will_answer(Question question, Reply reply) { answers_[question].push_back(std::move(reply)); }

  void greet() {
    session_.greet();
    pump();
  }

  /// The peer sends these bytes, in one read.
  void hear(std::string_view bytes) {
    session_.receive(bytes);
    pump();
  }

  void hear_end() {
    session_.receive_end();
    pump();
  }

  /// Carries out every event, then takes what the session has to say.
  void pump() {
    bool more = true;
    while (more) {
      while (auto event = session_.next_event()) std::visit([this](auto& what) { handle(what); }, *event);
      more = session_.is_full();
      said_ += session_.take_output();
    }
  }

  /// What was said since the last call.
  std::string take_said() { return std::exchange(said_, {}); }

  ServerSession& session() { return session_; }
  const std::vector<Message>& messages() const { return messages_; }
  bool closed() const { return closed_; }
  bool draft_open() const { return draft_open_; }
  int drafts_abandoned() const { return drafts_abandoned_; }
  const std::string& user() const { return user_; }
  const std::string& password() const { return password_; }

 private:
  void handle(server_event::SenderNamed&) { session_.answer(answer(Question::Sender)); }
  void handle(server_event::RecipientNamed&) { session_.answer(answer(Question::Recipient)); }
  void handle(server_event::ContentBegins&) {
    const Reply reply = answer(Question::Begin);
    draft_open_ = reply.positive();
    draft_.clear();
    session_.answer(reply);
  }
  void handle(server_event::Content& content) { draft_ += content.bytes; }
  void handle(server_event::ContentEnds& end) {
    const Reply reply = answer(Question::Message);
    if (reply.positive()) messages_.push_back({*end.envelope, draft_});
    draft_open_ = false;
    session_.answer(reply);
  }
  void handle(server_event::ContentAbandoned&) {
    draft_open_ = false;
    ++drafts_abandoned_;
  }
  void handle(server_event::OwnMailAsked&) { session_.answer({250, "2.0.0", "cGFnZQ=="}); }
  void handle(server_event::LoginAttempted& login) {
    user_ = login.user;
    password_ = login.password.reveal();
    session_.answer(answer(Question::Login));
  }
  void handle(server_event::TlsWanted&) {
    said_ += session_.take_output();
    session_.secured();
  }
  void handle(server_event::Close&) { closed_ = true; }

  Reply answer(Question question) {
    auto& waiting = answers_[question];
    if (waiting.empty()) return {250, "", ""};
    Reply reply = std::move(waiting.front());
    waiting.pop_front();
    return reply;
  }

  ServerSession session_;
  std::map<Question, std::deque<Reply>> answers_;
  std::string said_;
  std::string draft_;
  bool draft_open_ = false;
  int drafts_abandoned_ = 0;
  bool closed_ = false;
  std::vector<Message> messages_;
  std::string user_;
  std::string password_;
};

}  // namespace mailchute::test
