#include "accept/server_pump.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "fake/fake_loop.h"
#include "fake/memory_stream.h"

namespace mailchute {
namespace {

/// An app, and a server that says yes to everything but thinks about each message for as long as the test
/// likes.
class ThoughtfulServer : private ServerPumpUser {
 public:
  ThoughtfulServer() {
    auto [ours, theirs] = fake::MemoryStream::pair(loop);
    app = std::make_unique<fake::StreamProbe>(std::move(ours));
    ServerOptions options;
    options.hostname = "relay.test";
    ServerPumpUser& self = *this;
    pump = std::make_unique<ServerPump>(std::move(theirs), options, loop, self);
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

  fake::FakeLoop loop;
  std::unique_ptr<fake::StreamProbe> app;
  std::unique_ptr<ServerPump> pump;
  bool thinking = false;
  bool closed = false;

 private:
  void on_event(ServerEvent& event) override {
    if (std::holds_alternative<server_event::Content>(event)) return;
    if (std::holds_alternative<server_event::ContentEnds>(event)) return void(thinking = true);
    pump->session().answer({250, "", ""});
  }
  bool congested() override { return false; }
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
