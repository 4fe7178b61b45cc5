// folder: smtp
// Any bytes as an upstream. The first byte chooses the session; 0xFE ends a read. Whatever is said: a message
// comes to exactly one end, only a reply to its own last byte can deliver it, nothing secret goes out in
// clear or comes back in a text, and an ended session is silent.
#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "base/limits.h"
#include "base/text.h"
#include "fuzz/require.h"
#include "smtp/client_session.h"
#include "smtp/reply_reader.h"

using namespace mailchute;

namespace {

constexpr std::string_view kPassword = "correct-horse";
constexpr int kMessagesMax = 3;

struct Choice {
  bool login;
  bool starttls;
  bool large;
  bool quits;
};

ClientOptions options_for(const Choice& choice) {
  ClientOptions options;
  options.ehlo_name = "relay.test";
  if (choice.starttls) options.starttls = ClientOptions::StartTls::Required;
  if (!choice.login) return options;
  options.user = "tim";
  options.password = Secret(std::string(kPassword));
  return options;
}

/// Drives one session as the courier does, and holds it to its promises.
class Driver {
 public:
  explicit Driver(const Choice& choice) : choice_(choice), session_(options_for(choice)) {}

  void read(std::string_view bytes) {
    session_.receive(bytes);
    pump();
  }

  void end() {
    session_.receive_end("the stream ended");
    pump();
    REQUIRE(ended_ && !message_under_way_);
  }

 private:
  void pump() {
    while (auto event = session_.next_event()) {
      REQUIRE(!ended_);
      std::visit([this](const auto& e) { on(e); }, *event);
    }
    if (!session_.has_output()) return;
    REQUIRE(!ended_);
    on_output(session_.take_output());
  }

  void on_output(const std::string& output) {
    output_taken_ = true;
    REQUIRE(output.find('\0') == std::string::npos);
    if (choice_.starttls && !secured_) REQUIRE(output.find("AUTH") == std::string::npos);
    if (!ready_) REQUIRE(output.find("MAIL FROM") == std::string::npos);
  }

  void on(const client_event::TlsWanted&) {
    REQUIRE(choice_.starttls && !secured_);
    secured_ = true;
    session_.secured();
  }

  void on(const client_event::Heard&) {}
  void on(const client_event::Ready&) {
    REQUIRE(!message_under_way_ && session_.idle());
    REQUIRE(!choice_.starttls || secured_);
    ready_ = true;
    if (messages_++ == kMessagesMax || choice_.quits) return session_.quit();
    OutgoingMessage message;
    message.sender = Mailbox("a", "s.test");
    message.recipients = {{Mailbox("b", "r.test"), {}, ""}, {Mailbox("c", "r.test"), {}, ""}};
    message.bytes = choice_.large ? limits::kChunkBytes : 5;
    message_under_way_ = true;
    content_ended_ = false;
    session_.send(std::move(message));
  }

  void on(const client_event::ContentWanted&) {
    REQUIRE(message_under_way_);
    session_.content(choice_.large ? std::string(limits::kChunkBytes, 'x') : ".\r\nx");
    session_.content_end();
    content_ended_ = true;
    output_taken_ = false;
  }

  void on(const client_event::Finished& finished) {
    REQUIRE(message_under_way_ && finished.answers.size() == 2);
    message_under_way_ = false;
    REQUIRE(!finished.final_dot_sent || (content_ended_ && output_taken_));
    for (const auto& answer : finished.answers) {
      on_text(answer.reply);
      if (answer.reply.positive()) REQUIRE(answer.stage == Stage::FinalDot && finished.final_dot_sent);
    }
  }

  void on(const client_event::Failed& failed) {
    REQUIRE(!message_under_way_);
    on_text(failed.reply);
    ended_ = true;
  }

  void on(const client_event::Closed&) { ended_ = true; }

  void on_text(const Reply& reply) {
    REQUIRE(reply.text.size() <= limits::kReplyKeptBytes);
    if (choice_.login && !ready_) REQUIRE(reply.text.find(kPassword) == std::string::npos);
  }

  Choice choice_;
  ClientSession session_;
  int messages_ = 0;
  bool secured_ = false;
  bool ready_ = false;
  bool message_under_way_ = false;
  bool content_ended_ = false;
  bool output_taken_ = false;
  bool ended_ = false;
};

/// What a reader makes of bytes must not depend on how they were split.
void try_splits(std::string_view script) {
  ReplyReader whole;
  ReplyReader drip;
  whole.receive(script);
  std::size_t fed = 0;
  while (const auto expected = whole.next()) {
    auto got = drip.next();
    while (!got && fed < script.size()) {
      drip.receive(script.substr(fed++, 1));
      got = drip.next();
    }
    REQUIRE(got && got->has_value() == expected->has_value());
    if (!*expected) return;
    REQUIRE(**got == **expected);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view script(reinterpret_cast<const char*>(data), size);
  if (script.empty()) return 0;
  // An upstream that knows the password beforehand proves nothing by saying it: the search learns the word
  // from comparisons.
  if (mailchute::lower(script).find(kPassword) != std::string::npos) return 0;
  const auto bits = static_cast<unsigned char>(script.front());
  script.remove_prefix(1);
  try_splits(script);

  Driver driver({(bits & 1) != 0, (bits & 2) != 0, (bits & 4) != 0, (bits & 8) != 0});
  while (!script.empty()) {
    const auto piece = script.substr(0, script.find('\xFE'));
    driver.read(piece);
    script.remove_prefix(std::min(script.size(), piece.size() + 1));
  }
  driver.end();
  return 0;
}
