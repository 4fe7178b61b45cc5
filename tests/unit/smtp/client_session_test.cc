// The session with messages under way, and an upstream that plays by the rules.
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

// Lock-step.

TEST(ClientSession, SpeaksInLockStepWithoutPipelining) {
  auto play = ready_play("");

  play.session.send(message_for({"b", "c"}));

  EXPECT_EQ(play.heard(), "MAIL FROM:<a@s.test>\r\n");
  EXPECT_EQ(play.says("250 ok\r\n"), "RCPT TO:<b@r.test>\r\n");
  EXPECT_EQ(play.says("250 ok\r\n"), "RCPT TO:<c@r.test>\r\n");
  EXPECT_EQ(play.says("251 will forward\r\n"), "DATA\r\n");
  EXPECT_EQ(play.says("354 go\r\n"), "");
  play.take<ContentWanted>();
  play.session.content(".x\r\n");
  EXPECT_EQ(play.heard(), "..x\r\n");
  play.session.content_end();
  EXPECT_EQ(play.heard(), ".\r\n");
  EXPECT_EQ(play.says("250 2.0.0 Ok: queued as X\r\n"), "");
  const auto finished = play.take<Finished>();
  ASSERT_EQ(finished.answers.size(), 2u);
  for (const auto& answer : finished.answers) {
    EXPECT_EQ(answer.stage, Stage::FinalDot);
    EXPECT_EQ(answer.reply, (Reply{250, "2.0.0", "Ok: queued as X"}));
  }
  EXPECT_TRUE(finished.final_dot_sent);
  play.take<Ready>();
}

TEST(ClientSession, EveryReplyMayComeByteByByte) {
  auto play = ready_play("");
  play.session.send(message_for({"b"}));
  play.heard();
  std::string said;
  for (const char* reply : {"250 ok\r\n", "250-a\r\n250 b\r\n", "354 go\r\n"})
    for (std::string_view left = reply; !left.empty(); left.remove_prefix(1))
      said += play.says(left.substr(0, 1));
  EXPECT_EQ(said, "RCPT TO:<b@r.test>\r\nDATA\r\n");
  play.take<ContentWanted>();
}

TEST(ClientSession, ManyMessagesGoOverOneConnection) {
  auto play = ready_play("PIPELINING");
  for (int i = 0; i < 50; ++i) {
    play.session.send(message_for({"b"}));
    EXPECT_EQ(play.heard(), "MAIL FROM:<a@s.test>\r\nRCPT TO:<b@r.test>\r\nDATA\r\n");
    play.says("250 ok\r\n250 ok\r\n354 go\r\n");
    play.take<ContentWanted>();
    play.session.content("x\r\n");
    play.session.content_end();
    play.heard();
    play.says("250 ok\r\n");
    EXPECT_EQ(codes(play.take<Finished>()), std::vector<int>{250});
    play.take<Ready>();
  }
}

TEST(ClientSession, ARefusedSenderRefusesTheMessage) {
  for (const int code : {451, 501, 550}) {
    auto play = ready_play("");
    play.session.send(message_for({"b", "c"}));
    play.heard();

    EXPECT_EQ(play.says(std::to_string(code) + " no\r\n"), "");

    const auto finished = play.take<Finished>();
    EXPECT_EQ(codes(finished), (std::vector<int>{code, code}));
    EXPECT_EQ(finished.answers[0].stage, Stage::MailFrom);
    EXPECT_FALSE(finished.final_dot_sent);
    play.take<Ready>();
  }
}

TEST(ClientSession, OneRefusedRecipientTouchesOneAnswer) {
  auto play = ready_play("");
  play.session.send(message_for({"b", "c", "d", "e"}));
  play.says("");
  play.says("250 ok\r\n");
  play.says("250 ok\r\n");
  play.says("550 5.1.1 no such user\r\n");
  play.says("452 too many\r\n");
  EXPECT_EQ(play.says("252 perhaps\r\n"), "DATA\r\n");
  play.says("354 go\r\n");
  play.take<ContentWanted>();
  play.session.content_end();
  play.heard();

  play.says("250 ok\r\n");

  const auto finished = play.take<Finished>();
  EXPECT_EQ(codes(finished), (std::vector<int>{250, 550, 452, 250}));
  EXPECT_EQ(finished.answers[1].stage, Stage::RcptTo);
  EXPECT_EQ(finished.answers[3].stage, Stage::FinalDot);
}

TEST(ClientSession, WithoutAnyRecipientNoDataIsSaidButReset) {
  auto play = ready_play("");
  play.session.send(message_for({"b", "c"}));
  play.says("");
  play.says("250 ok\r\n");
  play.says("450 later\r\n");

  EXPECT_EQ(play.says("451 later\r\n"), "RSET\r\n");

  EXPECT_EQ(codes(play.take<Finished>()), (std::vector<int>{450, 451}));
  EXPECT_TRUE(play.quiet());
  play.says("250 ok\r\n");
  play.take<Ready>();
}

TEST(ClientSession, ARefusedResetEndsTheConnectionAndLosesNoMessage) {
  for (const char* reply : {"500 no\r\n", "354 go\r\n", "421 bye\r\n"}) {
    auto play = ready_play("");
    play.session.send(message_for({"b"}));
    play.says("");
    play.says("250 ok\r\n");
    play.says("550 no\r\n");
    play.take<Finished>();

    play.says(reply);

    EXPECT_EQ(play.take<Failed>().stage, Stage::Reset);
    EXPECT_TRUE(play.quiet());
  }
}

TEST(ClientSession, ARefusedDataRefusesAllThatWereLeft) {
  auto play = ready_play("");
  play.session.send(message_for({"b", "c"}));
  play.says("");
  play.says("250 ok\r\n");
  play.says("550 no\r\n");
  play.says("250 ok\r\n");

  EXPECT_EQ(play.says("451 later\r\n"), "RSET\r\n");

  const auto finished = play.take<Finished>();
  EXPECT_EQ(codes(finished), (std::vector<int>{550, 451}));
  EXPECT_EQ(finished.answers[1].stage, Stage::Data);
}

TEST(ClientSession, OnlyThreeFiveFourAsksForContent) {
  for (const char* reply : {"250 ok\r\n", "220 hi\r\n", "353 go\r\n", "150 x\r\n"}) {
    auto play = ready_play("");
    play.session.send(message_for({"b"}));
    play.says("");
    play.says("250 ok\r\n");
    play.says("250 ok\r\n");

    EXPECT_EQ(play.says(reply), "");

    const auto finished = play.take<Finished>();
    EXPECT_EQ(codes(finished), std::vector<int>{0});
    EXPECT_FALSE(finished.final_dot_sent);
    EXPECT_EQ(play.take<Failed>().stage, Stage::Data);
  }
}

TEST(ClientSession, ReplyCodesOfNoUseEndTheConversation) {
  auto play = ready_play("");
  play.session.send(message_for({"b"}));
  play.heard();

  EXPECT_EQ(play.says("354 go\r\n"), "");

  EXPECT_EQ(codes(play.take<Finished>()), std::vector<int>{0});
  EXPECT_EQ(play.take<Failed>().stage, Stage::MailFrom);
}

// Pipelining.

TEST(ClientSession, APipelinedFlightMayBeAnsweredInAnySplit) {
  test::for_every_split("250 ok\r\n550 no\r\n250-a\r\n250 b\r\n354 go\r\n", [](const test::Pieces& pieces) {
    auto play = ready_play("PIPELINING");
    play.session.send(message_for({"b", "c"}));
    EXPECT_EQ(play.heard(), "MAIL FROM:<a@s.test>\r\nRCPT TO:<b@r.test>\r\nRCPT TO:<c@r.test>\r\nDATA\r\n");

    for (std::string_view piece : pieces) EXPECT_EQ(play.says(piece), "");

    play.take<ContentWanted>();
    play.session.content_end();
    play.heard();
    play.says("250 ok\r\n");
    EXPECT_EQ(codes(play.take<Finished>()), (std::vector<int>{550, 250}));
    play.take<Ready>();
  });
}

TEST(ClientSession, ALoneDotGetsUsOutOfAMessageThatNobodyReceives) {
  for (const char* verdict : {"250 ok, delivered to nobody\r\n", "554 no valid recipients\r\n"}) {
    auto play = ready_play("PIPELINING");
    play.session.send(message_for({"b", "c"}));
    play.heard();

    EXPECT_EQ(play.says("250 ok\r\n550 no\r\n551 no\r\n354 go\r\n"), ".\r\n");

    const auto finished = play.take<Finished>();
    EXPECT_EQ(codes(finished), (std::vector<int>{550, 551}));
    EXPECT_FALSE(finished.final_dot_sent);
    EXPECT_TRUE(play.quiet());
    play.says(verdict);
    play.take<Ready>();
  }
}

TEST(ClientSession, APipelinedRefusalOfTheSenderIsWaitedOut) {
  auto play = ready_play("PIPELINING");
  play.session.send(message_for({"b"}));
  play.heard();

  EXPECT_EQ(play.says("501 must be same as authorization user\r\n"), "");
  EXPECT_TRUE(play.quiet());
  EXPECT_EQ(play.says("503 MAIL first\r\n503 MAIL first\r\n"), "");

  const auto finished = play.take<Finished>();
  EXPECT_EQ(codes(finished), std::vector<int>{501});
  EXPECT_EQ(finished.answers[0].stage, Stage::MailFrom);
  play.take<Ready>();
}

TEST(ClientSession, APipelinedRefusalOfDataIsFollowedByAReset) {
  auto play = ready_play("PIPELINING");
  play.session.send(message_for({"b"}));
  play.heard();

  EXPECT_EQ(play.says("250 ok\r\n550 no\r\n554 no valid recipients\r\n"), "RSET\r\n");

  EXPECT_EQ(codes(play.take<Finished>()), std::vector<int>{550});
}

TEST(ClientSession, AFlightIsBoundedAndGoesOnWithTheReplies) {
  auto play = ready_play("PIPELINING");
  auto message = message_for({});
  const std::string local(64, 'x');
  for (int i = 0; i < 1000; ++i)
    message.recipients.push_back({Mailbox(local, std::string(60, 'd') + ".test"), {}, ""});

  play.session.send(std::move(message));

  std::string said = play.heard();
  EXPECT_LE(said.size(), limits::kOutputBytes + 200);
  EXPECT_EQ(said.find("DATA"), std::string::npos);
  for (int i = 0; i < 1001; ++i) said += play.says("250 ok\r\n");
  EXPECT_TRUE(said.ends_with("\r\nDATA\r\n"));
  play.says("354 go\r\n");
  play.take<ContentWanted>();
}

TEST(ClientSession, OnceTheSenderIsRefusedNoFurtherRecipientIsSaid) {
  auto play = ready_play("PIPELINING");
  auto message = message_for({});
  for (int i = 0; i < 1000; ++i)
    message.recipients.push_back({Mailbox(std::string(64, 'x'), std::string(60, 'd')), {}, ""});
  play.session.send(std::move(message));
  const std::string said = play.heard();
  std::size_t commands = 0;
  for (const char c : said) commands += c == '\n' ? 1 : 0;

  EXPECT_EQ(play.says("550 no\r\n"), "");
  for (std::size_t i = 1; i < commands; ++i) EXPECT_EQ(play.says("503 no\r\n"), "");

  EXPECT_EQ(codes(play.take<Finished>()), std::vector<int>(1000, 550));
  play.take<Ready>();
}

// Not sent at all.

TEST(ClientSession, AMessageThatCannotBeGivenToThisUpstreamCostsNoByte) {
  auto unsafe = message_for({"b", "c"});
  unsafe.recipients[1].mailbox = Mailbox("c\r\nRSET", "r.test");
  auto large = message_for({"b", "c"}, 5000);
  auto utf8 = message_for({"b", "c\xc3\xa9"});
  struct {
    OutgoingMessage message;
    int code;
  } cases[] = {{unsafe, 0}, {large, 552}, {utf8, 550}};
  for (auto& [message, code] : cases) {
    auto play = ready_play("SIZE 4000");

    play.session.send(message);

    EXPECT_EQ(play.heard(), "");
    const auto finished = play.take<Finished>();
    EXPECT_EQ(codes(finished), (std::vector<int>{code, code}));
    EXPECT_EQ(finished.answers[0].stage, Stage::MailFrom);
    play.take<Ready>();
    EXPECT_TRUE(play.session.idle());
  }
}

// Patience.

TEST(ClientSession, EachWaitHasItsOwnPatience) {
  auto play = ready_play("");
  EXPECT_EQ(play.session.patience().limit, Duration(0));
  play.session.send(message_for({"b"}));
  play.says("");
  EXPECT_EQ(play.session.patience().limit, Duration(300'000));
  play.says("250 ok\r\n");
  play.says("250 ok\r\n");
  EXPECT_EQ(play.session.patience().limit, Duration(120'000));
  play.says("354 go\r\n");
  EXPECT_EQ(play.session.patience().limit, Duration(180'000));
  play.session.content_end();
  EXPECT_EQ(play.session.patience().limit, Duration(600'000));
}

TEST(ClientSession, PatienceForContentBeginsAnewWithEachBlock) {
  auto play = at_content();
  const auto before = play.session.patience().epoch;

  play.session.content(std::string(limits::kChunkBytes - 1, 'x'));
  EXPECT_EQ(play.session.patience().epoch, before);
  play.session.content("x");

  EXPECT_NE(play.session.patience().epoch, before);
}

TEST(ClientSession, SilenceBehindTheDotIsInDoubt) {
  auto play = at_final_dot();

  play.session.time_out();

  const auto finished = play.take<Finished>();
  EXPECT_TRUE(finished.final_dot_sent);
  EXPECT_EQ(finished.answers.at(0).reply, (Reply{0, "", "no answer to the end of the message within 600 s"}));
  play.take<Failed>();
}

TEST(ClientSession, ContentThatIsNotTakenIsGivenUp) {
  auto play = at_content();

  play.session.time_out();

  const auto finished = play.take<Finished>();
  EXPECT_FALSE(finished.final_dot_sent);
  EXPECT_EQ(finished.answers.at(0).stage, Stage::Body);
  EXPECT_EQ(play.take<Failed>().reply.text, "the content did not go out within 180 s");
}

// Quit.

TEST(ClientSession, QuitEndsWithWhateverAnswer) {
  for (const char* answer : {"221 bye\r\n", "500 what?\r\n", "garbage\r\n", "221 a\r\n221 b\r\n"}) {
    auto play = ready_play("");
    play.session.quit();
    EXPECT_EQ(play.heard(), "QUIT\r\n");
    EXPECT_EQ(play.session.patience().limit, limits::kQuitPatience);

    play.says(answer);

    play.take<Closed>();
    EXPECT_TRUE(play.quiet());
  }
}

TEST(ClientSession, QuitEndsWithoutAnAnswer) {
  auto lost = ready_play("");
  lost.session.quit();
  lost.says(std::string_view("\0\0\0", 3));
  lost.session.receive_end("");
  lost.take<Closed>();

  auto silent = ready_play("");
  silent.session.quit();
  silent.heard();
  silent.session.time_out();
  silent.take<Closed>();
}

TEST(ClientSession, QuitWaitsForTheMessageUnderWay) {
  auto play = at_final_dot();
  play.session.quit();
  EXPECT_EQ(play.heard(), "");

  EXPECT_EQ(play.says("250 ok\r\n"), "QUIT\r\n");

  EXPECT_EQ(codes(play.take<Finished>()), std::vector<int>{250});
  play.says("221 bye\r\n");
  play.take<Closed>();
}

}  // namespace
}  // namespace mailchute
