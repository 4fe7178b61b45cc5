// The session when the upstream speaks out of turn, says farewell, vanishes or makes no sense.
#include "smtp/client_session.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/limits.h"
#include "unit/smtp/upstream_play.h"
#include "unit/split.h"

namespace mailchute {
namespace {

using namespace client_event;
using test::at_content;
using test::at_final_dot;
using test::codes;
using test::message_for;
using test::ready_play;

// Out of turn.

TEST(ClientFaults, AReplyThatCameBeforeItsCommandIsNoAnswer) {
  auto play = ready_play("");
  play.session.send(message_for({"b"}));
  play.heard();

  EXPECT_EQ(play.says("250 ok\r\n250 ok\r\n"), "");

  EXPECT_EQ(codes(play.take<Finished>()), std::vector<int>{0});
  play.take<Failed>();
}

TEST(ClientFaults, ASuccessSaidBeforeTheEndOfTheMessageIsALie) {
  test::for_every_split("250 ok\r\n250 ok\r\n354 go\r\n250 queued\r\n", [](const test::Pieces& pieces) {
    auto play = ready_play("PIPELINING");
    play.session.send(message_for({"b"}));
    play.heard();

    for (std::string_view piece : pieces) play.session.receive(piece);

    const auto finished = play.take<Finished>();
    EXPECT_EQ(codes(finished), std::vector<int>{0});
    EXPECT_FALSE(finished.final_dot_sent);
    play.take<Failed>();
    EXPECT_TRUE(play.quiet());
  });
}

TEST(ClientFaults, ASuccessSaidWhileTheDotStillWaitsIsALie) {
  auto play = at_content();
  play.session.content("x\r\n");
  play.session.content_end();

  play.session.receive("250 queued\r\n");

  const auto finished = play.take<Finished>();
  EXPECT_EQ(codes(finished), std::vector<int>{0});
  EXPECT_FALSE(finished.final_dot_sent);
  EXPECT_EQ(play.heard(), "");
}

TEST(ClientFaults, AReplyTooManyBehindTheFinalOneTakesNothingBack) {
  auto play = at_final_dot();

  play.says("250 queued\r\n250 OK\r\n");

  EXPECT_EQ(codes(play.take<Finished>()), std::vector<int>{250});
  EXPECT_EQ(play.take<Failed>().stage, Stage::Idle);
}

TEST(ClientFaults, AFarewellBehindTheFinalReplyTakesNothingBack) {
  auto play = at_final_dot();

  play.says("250 queued\r\n421 enough\r\n");

  EXPECT_EQ(codes(play.take<Finished>()), std::vector<int>{250});
  EXPECT_EQ(play.take<Failed>().reply.code, 421);
}

TEST(ClientFaults, AnIdleUpstreamThatSpeaksIsDone) {
  struct {
    const char* bytes;
    int code;
  } cases[] = {{"451 4.4.2 Timeout waiting for data from client.\r\n", 451},
               {"421 bye\r\n", 421},
               {"250 ok\r\n", 0},
               {"2", 0},
               {"\r\n", 0}};
  for (const auto& [bytes, code] : cases) {
    auto play = ready_play("");

    play.says(bytes);

    const auto failed = play.take<Failed>();
    EXPECT_EQ(failed.stage, Stage::Idle);
    EXPECT_EQ(failed.reply.code, code);
    play.session.send(message_for({"b"}));
    EXPECT_EQ(play.heard(), "");
    EXPECT_TRUE(play.quiet());
  }
}

TEST(ClientFaults, AnIdleConnectionThatEndsIsReportedAsIdle) {
  auto play = ready_play("");

  play.session.receive_end("connection reset by peer");

  EXPECT_EQ(play.take<Failed>().stage, Stage::Idle);
  EXPECT_FALSE(play.session.idle());
}

// Farewells and lost connections.

TEST(ClientFaults, AFarewellDefersAllThatAreNotDecided) {
  auto play = ready_play("");
  play.session.send(message_for({"b", "c", "d"}));
  play.says("");
  play.says("250 ok\r\n");
  play.says("550 no\r\n");
  play.says("250 ok\r\n");

  EXPECT_EQ(play.says("421 4.7.0 enough\r\n"), "");

  EXPECT_EQ(codes(play.take<Finished>()), (std::vector<int>{550, 421, 421}));
  const auto failed = play.take<Failed>();
  EXPECT_EQ(failed.stage, Stage::RcptTo);
  EXPECT_EQ(failed.reply.code, 421);
}

TEST(ClientFaults, AFarewellInsteadOfTheFinalReplyIsAnAnswer) {
  auto play = at_final_dot();

  play.says("421 enough\r\n");

  const auto finished = play.take<Finished>();
  EXPECT_EQ(codes(finished), std::vector<int>{421});
  EXPECT_TRUE(finished.final_dot_sent);
  play.take<Failed>();
}

TEST(ClientFaults, AConnectionLostAnywhereBeforeTheDotIsNotInDoubt) {
  const char* replies[] = {"250 ok\r\n", "250 ok\r\n", "354 go\r\n"};
  const Stage stages[] = {Stage::MailFrom, Stage::RcptTo, Stage::Data, Stage::Body};
  for (std::size_t said = 0; said <= 3; ++said) {
    auto play = ready_play("");
    play.session.send(message_for({"b"}));
    play.says("");
    for (std::size_t i = 0; i < said; ++i) play.says(replies[i]);
    play.heard();
    if (said == 3) play.take<ContentWanted>();

    play.session.receive_end("connection reset by peer");

    const auto finished = play.take<Finished>();
    EXPECT_EQ(finished.answers.at(0).stage, stages[said]);
    EXPECT_EQ(finished.answers.at(0).reply, (Reply{0, "", "connection reset by peer"}));
    EXPECT_FALSE(finished.final_dot_sent);
    play.take<Failed>();
  }
}

TEST(ClientFaults, AConnectionLostBehindTheDotIsInDoubt) {
  for (const char* last_bytes : {"", "250 OK", "250-OK\r\n", "2"}) {
    auto play = at_final_dot();
    play.says(last_bytes);

    play.session.receive_end("TLS ended without a farewell");

    const auto finished = play.take<Finished>();
    EXPECT_EQ(codes(finished), std::vector<int>{0});
    EXPECT_TRUE(finished.final_dot_sent);
    EXPECT_EQ(play.take<Failed>().stage, Stage::FinalDot);
  }
}

TEST(ClientFaults, ADotThatNeverLeftPutsNothingInDoubt) {
  auto play = at_content();
  play.session.content("x\r\n");
  play.session.content_end();

  play.session.receive_end("connection reset by peer");

  EXPECT_FALSE(play.take<Finished>().final_dot_sent);
}

// Final replies.

TEST(ClientFaults, EveryFinalReplyIsKept) {
  struct {
    const char* reply;
    int code;
    bool goes_on;
  } cases[] = {{"250 ok\r\n", 250, true}, {"251 ok\r\n", 251, true},  {"451 later\r\n", 451, true},
               {"550 no\r\n", 550, true}, {"354 go\r\n", 354, false}, {"150 x\r\n", 150, false},
               {"999 x\r\n", 999, false}, {"what?\r\n", 0, false},    {"250-a\r\n550 b\r\n", 0, false}};
  for (const auto& [reply, code, goes_on] : cases) {
    auto play = at_final_dot();

    play.says(reply);

    const auto finished = play.take<Finished>();
    EXPECT_EQ(codes(finished), std::vector<int>{code});
    EXPECT_TRUE(finished.final_dot_sent);
    if (goes_on)
      play.take<Ready>();
    else
      EXPECT_EQ(play.take<Failed>().stage, Stage::FinalDot);
  }
}

TEST(ClientFaults, ALongReplyIsKeptShort) {
  auto play = at_final_dot();

  play.says("550 " + std::string(8000, 'x') + "\r\n");

  EXPECT_EQ(play.take<Finished>().answers.at(0).reply.text.size(), limits::kReplyKeptBytes);
}

}  // namespace
}  // namespace mailchute
