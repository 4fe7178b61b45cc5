#include "accept/server_pump.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "fake/fake_loop.h"
#include "fake/memory_stream.h"
#include "fake/passing_stream.h"

namespace mailchute {
namespace {

/// TLS whose handshake is done once the peer has said anything.
class TlsByOneWord final : public fake::PassingStream, private StreamUser {
 public:
  using PassingStream::PassingStream;

  void start(StreamUser& user) override {
    user_ = &user;
    plain().start(*this);
    resume();
  }

 private:
  void on_bytes(std::string_view bytes) override {
    if (std::exchange(secured_, true)) return user_->on_bytes(bytes);
    user_->on_secured(TlsFacts{"TLSv1.3", "one word", "", {}});
  }
  void on_end(const StreamEnd& end) override { user_->on_end(end); }

  StreamUser* user_ = nullptr;
  bool secured_ = false;
};

std::unique_ptr<Stream> put_tls_on(std::unique_ptr<Stream> plain) {
  return std::make_unique<TlsByOneWord>(std::move(plain));
}

/// An app, and a server that says yes to everything but thinks about each message for as long as the test
/// likes.
class ThoughtfulServer : private ServerPumpUser {
 public:
  ThoughtfulServer() {
    auto [ours, theirs] = fake::MemoryStream::pair(loop);
    app = std::make_unique<fake::StreamProbe>(std::move(ours));
    ServerOptions options;
    options.hostname = "relay.test";
    options.starttls = ServerOptions::StartTls::Offered;
    theirs_ = theirs.get();
    ServerPumpUser& self = *this;
    pump = std::make_unique<ServerPump>(std::move(theirs), options, loop, self, &put_tls_on);
    pump->open();
    loop.run();
  }

  void say(std::string_view lines) {
    app->stream().write(std::string(lines));
    loop.run();
  }
  void begin_message() {
    say("EHLO c.test\r\n");
    say("MAIL FROM:<a@s.test>\r\nRCPT TO:<b@r.test>\r\nDATA\r\n");
    app->take();
  }
  void accept() {
    thinking = false;
    pump->session().answer({250, "2.0.0", "Ok"});
    pump->pump();
    loop.run();
  }
  bool unread() const { return app->stream().pending_bytes() > 0; }
  /// What the app has not read yet.
  std::size_t unheard() const { return theirs_->pending_bytes(); }

  fake::FakeLoop loop;
  std::unique_ptr<fake::StreamProbe> app;
  std::unique_ptr<ServerPump> pump;
  bool thinking = false;
  bool full = false;
  bool closed = false;

 private:
  fake::MemoryStream* theirs_;  // The pump's.

  void on_event(ServerEvent& event) override {
    if (std::holds_alternative<server_event::Content>(event)) return;
    if (std::holds_alternative<server_event::ContentEnds>(event)) return void(thinking = true);
    pump->session().answer({250, "", ""});
  }
  bool congested() override { return full; }
  bool answering() const override { return thinking; }
  void on_timeout() override {}
  void on_closed() override { closed = true; }
};

TEST(ServerPump, WhileAnAnswerIsOwedOneReadIsTakenAndNoMore) {
  ThoughtfulServer server;
  server.begin_message();
  server.say("Subject: x\r\n\r\nhi\r\n.\r\n");
  ASSERT_TRUE(server.thinking);

  server.say("NOOP\r\n");
  EXPECT_FALSE(server.unread());
  server.say("NOOP\r\n");
  EXPECT_TRUE(server.unread());
  EXPECT_EQ(server.app->take(), "");

  server.accept();

  EXPECT_EQ(server.app->take(), "250 2.0.0 Ok\r\n250 2.0.0 Ok\r\n250 2.0.0 Ok\r\n");
  server.say("NOOP\r\n");
  EXPECT_EQ(server.app->take(), "250 2.0.0 Ok\r\n");
}

TEST(ServerPump, StartTlsThatWasSaidWhileAnAnswerWasOwedLeadsToAHandshake) {
  ThoughtfulServer server;
  server.begin_message();
  server.say("Subject: x\r\n\r\nhi\r\n.\r\n");
  server.say("STARTTLS\r\n");

  server.accept();
  EXPECT_EQ(server.app->take(), "250 2.0.0 Ok\r\n220 2.0.0 Ready to start TLS\r\n");
  server.say("client hello");
  server.say("NOOP\r\n");

  EXPECT_EQ(server.app->take(), "250 2.0.0 Ok\r\n");
}

TEST(ServerPump, AClientThatDoesNotReadIsAnsweredAsItReadsAndCostsLittle) {  // S035
  ThoughtfulServer server;
  server.say("EHLO c.test\r\n");
  server.app->take();
  std::string commands;
  std::size_t asked = 0;
  for (; commands.size() < 200'000; ++asked) commands += "RCPT TO:x\r\n";

  server.app->stream().pause();
  server.say("MAIL FROM:<a@s.test>\r\n" + commands);
  EXPECT_LT(server.unheard(), 40 * 1024U);

  server.app->take();
  server.app->stream().resume();
  server.loop.advance(Duration{1000});
  const std::string heard = server.app->take();
  EXPECT_EQ(static_cast<std::size_t>(std::count(heard.begin(), heard.end(), '\n')), asked + 1);
}

TEST(ServerPump, AClientThatIsLeftUnreadIsNotCalledSlow) {  // P023
  ThoughtfulServer server;
  server.begin_message();
  server.full = true;
  server.say("Subject: x\r\n");

  server.loop.advance(std::chrono::minutes(10));
  EXPECT_EQ(server.app->take(), "");
  server.full = false;
  server.pump->pump();
  server.loop.advance(std::chrono::seconds(179));
  EXPECT_EQ(server.app->take(), "");
  server.loop.advance(std::chrono::seconds(2));

  EXPECT_EQ(server.app->take(), "421 4.4.2 Timeout\r\n");
}

TEST(ServerPump, AClientThatHalfClosesBehindManyCommandsGetsAllAnswers) {
  ThoughtfulServer server;
  server.say("EHLO c.test\r\n");
  server.app->take();
  std::string commands;
  for (int i = 0; i < 2000; ++i) commands += "MAIL FROM:<a@s.test>\r\nRSET\r\n";

  server.app->stream().write(commands);
  server.app->stream().finish();
  server.loop.run();

  const std::string heard = server.app->take();
  EXPECT_EQ(std::count(heard.begin(), heard.end(), '\n'), 4000);
  EXPECT_TRUE(server.closed);
}

TEST(ServerPump, AClientThatHalfClosesWhileItsAnswerIsOwedStillGetsIt) {
  ThoughtfulServer server;
  server.begin_message();
  server.say("Subject: x\r\n\r\nhi\r\n.\r\n");

  server.app->stream().finish();
  server.loop.run();
  EXPECT_FALSE(server.closed);
  server.accept();

  EXPECT_EQ(server.app->take(), "250 2.0.0 Ok\r\n");
  EXPECT_TRUE(server.closed);
}

TEST(ServerPump, AClientThatVanishesWhileItsAnswerIsOwedIsNotWaitedFor) {
  ThoughtfulServer server;
  server.begin_message();
  server.say("Subject: x\r\n\r\nhi\r\n.\r\n");

  server.app->stream().cut();
  server.loop.run();

  EXPECT_TRUE(server.closed);
}

}  // namespace
}  // namespace mailchute
