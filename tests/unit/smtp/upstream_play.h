// Plays the upstream towards a client session, by hand: says replies, hears commands, collects events. Takes
// all output as a driver with a fast network would.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "smtp/client_session.h"

namespace mailchute::test {

class UpstreamPlay {
 public:
  explicit UpstreamPlay(ClientOptions options) : session(std::move(options)) {}

  /// The upstream says these bytes; what the session says to that is returned.
  std::string says(std::string_view bytes) {
    session.receive(bytes);
    return heard();
  }

  /// What the session has said and nobody has heard.
  std::string heard() {
    while (auto event = session.next_event()) events.push_back(std::move(*event));
    return session.take_output();
  }

  /// The next event, which must be of this kind.
  template <typename Event>
  Event take() {
    heard_into(unheard);
    if (events.empty() || !std::holds_alternative<Event>(events.front())) {
      ADD_FAILURE() << "another event or none: "
                    << (events.empty() ? -1 : static_cast<int>(events.front().index()));
      return {};
    }
    Event event = std::move(std::get<Event>(events.front()));
    events.pop_front();
    return event;
  }

  /// No event is left.
  bool quiet() {
    heard_into(unheard);
    return events.empty();
  }

  ClientSession session;
  std::deque<ClientEvent> events;
  std::string unheard;  ///< Output that take() and quiet() came across.

 private:
  void heard_into(std::string& into) { into += heard(); }
};

inline ClientOptions without_login() {
  ClientOptions options;
  options.ehlo_name = "relay.test";
  return options;
}

inline ClientOptions with_login() {
  ClientOptions options = without_login();
  options.user = "tim";
  options.password = Secret("correct-horse");
  return options;
}

inline OutgoingMessage message_for(std::initializer_list<const char*> locals, std::uint64_t bytes = 100) {
  OutgoingMessage message;
  message.sender = Mailbox("a", "s.test");
  for (const char* local : locals) message.recipients.push_back({Mailbox(local, "r.test"), {}, ""});
  message.bytes = bytes;
  return message;
}

/// A session that has come to Ready with an upstream that offers these lines.
inline UpstreamPlay ready_play(std::string_view offers, ClientOptions options = without_login()) {
  UpstreamPlay play(std::move(options));
  play.says("220 hi\r\n");
  std::string reply = "250-hi\r\n";
  for (; !offers.empty(); offers.remove_prefix(std::min(offers.size(), offers.find(',') + 1))) {
    const auto word = offers.substr(0, offers.find(','));
    reply += "250-" + std::string(word) + "\r\n";
    if (word.size() == offers.size()) break;
  }
  play.says(reply + "250 HELP\r\n");
  play.take<client_event::Ready>();
  return play;
}

/// The codes of all answers, in order.
inline std::vector<int> codes(const client_event::Finished& finished) {
  std::vector<int> codes;
  for (const auto& answer : finished.answers) codes.push_back(answer.reply.code);
  return codes;
}

/// A session that has been asked for content, in lock-step and for one recipient.
inline UpstreamPlay at_content() {
  auto play = ready_play("");
  play.session.send(message_for({"b"}));
  play.says("");
  play.says("250 ok\r\n");
  play.says("250 ok\r\n");
  play.says("354 go\r\n");
  play.take<client_event::ContentWanted>();
  return play;
}

/// The same, with the whole message said.
inline UpstreamPlay at_final_dot() {
  auto play = at_content();
  play.session.content("x\r\n");
  play.session.content_end();
  EXPECT_EQ(play.heard(), "x\r\n.\r\n");
  return play;
}

}  // namespace mailchute::test
