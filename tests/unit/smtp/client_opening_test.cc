// The session from the greeting to the first Ready.
#include <gtest/gtest.h>

#include <string>

#include "base/limits.h"
#include "smtp/client_session.h"
#include "unit/smtp/upstream_play.h"
#include "unit/split.h"

namespace mailchute {
namespace {

using namespace client_event;
using test::UpstreamPlay;
using test::with_login;
using test::without_login;

ClientOptions with_starttls() {
  auto options = with_login();
  options.starttls = ClientOptions::StartTls::Required;
  return options;
}

TEST(ClientOpening, WithoutALoginEhloIsAllItTakes) {
  UpstreamPlay play(without_login());

  EXPECT_EQ(play.says("220 hi\r\n"), "EHLO relay.test\r\n");
  EXPECT_EQ(play.says("250-hi\r\n250-PIPELINING\r\n250 SIZE 5\r\n"), "");

  const auto ready = play.take<Ready>();
  EXPECT_TRUE(ready.extensions.pipelining);
  EXPECT_EQ(ready.extensions.size, 5u);
  EXPECT_TRUE(play.session.idle());
}

TEST(ClientOpening, TakesAGreetingOfManyLinesInAnySplit) {
  test::for_every_split("220-welcome\r\n220-to\r\n220 us\r\n", [](const test::Pieces& pieces) {
    UpstreamPlay play(without_login());
    std::string said;
    for (std::string_view piece : pieces) said += play.says(piece);
    EXPECT_EQ(said, "EHLO relay.test\r\n");
  });
}

TEST(ClientOpening, ABareGreetingWillDo) {
  UpstreamPlay play(without_login());
  EXPECT_EQ(play.says("220\r\n"), "EHLO relay.test\r\n");
}

TEST(ClientOpening, ARefusingGreetingIsReportedAsItIs) {
  for (const int code : {421, 450, 500, 501, 530, 554}) {
    UpstreamPlay play(without_login());

    EXPECT_EQ(play.says(std::to_string(code) + " go away\r\n"), "");

    const auto failed = play.take<Failed>();
    EXPECT_EQ(failed.stage, Stage::Greeting);
    EXPECT_EQ(failed.reply.code, code);
    EXPECT_EQ(failed.reply.text, "go away");
  }
}

TEST(ClientOpening, AGreetingThatMakesNoSenseIsAFault) {
  for (const char* greeting :
       {"221 bye\r\n", "354 go\r\n", "250 ok\r\n", "abc\r\n", "\r\n", "22\r\n", "2200 x\r\n"}) {
    UpstreamPlay play(without_login());

    EXPECT_EQ(play.says(greeting), "");

    const auto failed = play.take<Failed>();
    EXPECT_EQ(failed.stage, Stage::Greeting);
    EXPECT_EQ(failed.reply.code, 0);
    EXPECT_FALSE(failed.reply.text.empty());
  }
}

TEST(ClientOpening, AnUnfinishedGreetingIsNoGreeting) {
  UpstreamPlay play(without_login());
  play.says("220");

  play.session.receive_end("connection reset by peer");

  const auto failed = play.take<Failed>();
  EXPECT_EQ(failed.stage, Stage::Greeting);
  EXPECT_EQ(failed.reply.code, 0);
  EXPECT_EQ(failed.reply.text, "connection reset by peer");
}

TEST(ClientOpening, AReplyBehindTheGreetingIsOutOfTurn) {
  UpstreamPlay play(without_login());

  EXPECT_EQ(play.says("220 hi\r\n250 OK\r\n"), "");

  EXPECT_EQ(play.take<Failed>().reply.code, 0);
  EXPECT_TRUE(play.quiet());
}

TEST(ClientOpening, FallsBackToHeloOnlyWithoutALogin) {
  UpstreamPlay play(without_login());
  play.says("220 hi\r\n");

  EXPECT_EQ(play.says("502 what?\r\n"), "HELO relay.test\r\n");
  play.says("250-hi\r\n250 OK\r\n");

  EXPECT_FALSE(play.take<Ready>().extensions.pipelining);
}

TEST(ClientOpening, NeverSaysHeloWithALoginOrTlsToCome) {
  auto tls_only = without_login();
  tls_only.starttls = ClientOptions::StartTls::Required;
  for (const auto& options : {with_login(), with_starttls(), tls_only}) {
    UpstreamPlay play(options);
    play.says("220 hi\r\n");

    EXPECT_EQ(play.says("502 what?\r\n"), "");

    const auto failed = play.take<Failed>();
    EXPECT_EQ(failed.stage, Stage::Ehlo);
    EXPECT_EQ(failed.reply.code, 502);
  }
}

TEST(ClientOpening, AnyOtherAnswerToEhloIsTheEnd) {
  for (const int code : {550, 530, 221, 354, 220, 251}) {
    UpstreamPlay play(without_login());
    play.says("220 hi\r\n");

    EXPECT_EQ(play.says(std::to_string(code) + " x\r\n"), "");

    const auto failed = play.take<Failed>();
    EXPECT_EQ(failed.stage, Stage::Ehlo);
    EXPECT_EQ(failed.reply.code, code >= 500 ? code : 0);
  }
}

TEST(ClientOpening, ALongAnswerToEhloIsReadToItsEnd) {
  UpstreamPlay play(without_login());
  play.says("220 hi\r\n");
  std::string reply = "250-hi\r\n";
  for (int i = 0; i < 200; ++i) reply += "250-X-SOMETHING-THAT-NOBODY-KNOWS " + std::to_string(i) + "\r\n";

  play.says(reply + "250 PIPELINING\r\n");

  EXPECT_TRUE(play.take<Ready>().extensions.pipelining);
}

// STARTTLS.

TEST(ClientOpening, ForgetsWhatWasOfferedInClear) {
  UpstreamPlay play(with_starttls());
  play.says("220 hi\r\n");

  EXPECT_EQ(play.says("250-hi\r\n250-AUTH LOGIN\r\n250 STARTTLS\r\n"), "STARTTLS\r\n");
  EXPECT_EQ(play.says("220 Ready to start TLS\r\n"), "");
  play.take<TlsWanted>();
  play.session.secured();
  EXPECT_EQ(play.heard(), "EHLO relay.test\r\n");
  EXPECT_EQ(play.says("250 hi\r\n"), "");

  const auto failed = play.take<Failed>();
  EXPECT_EQ(failed.stage, Stage::Auth);
  EXPECT_EQ(failed.reply.text, "no login mechanism in common; the upstream offers: none");
}

TEST(ClientOpening, LogsInBehindStartTlsAndNeverAsksForItTwice) {
  UpstreamPlay play(with_starttls());
  play.says("220 hi\r\n");
  play.says("250-hi\r\n250 STARTTLS\r\n");
  play.says("220 go\r\n");
  play.take<TlsWanted>();
  play.session.secured();
  play.heard();

  EXPECT_EQ(play.says("250-hi\r\n250-STARTTLS\r\n250 AUTH LOGIN\r\n"), "AUTH LOGIN\r\n");
}

TEST(ClientOpening, StartTlsThatIsNotOfferedIsTheEnd) {
  for (const char* offer : {"250 hi\r\n", "250-hi\r\n250-AUTH PLAIN\r\n250 XXXXXXXA\r\n"}) {
    UpstreamPlay play(with_starttls());
    play.says("220 hi\r\n");

    EXPECT_EQ(play.says(offer), "");

    const auto failed = play.take<Failed>();
    EXPECT_EQ(failed.stage, Stage::StartTls);
    EXPECT_EQ(failed.reply.code, 0);
    EXPECT_EQ(failed.reply.text, "STARTTLS is not offered");
  }
}

TEST(ClientOpening, StartTlsThatIsRefusedIsTheEnd) {
  for (const int code : {502, 454, 354, 500, 250}) {
    UpstreamPlay play(with_starttls());
    play.says("220 hi\r\n");
    play.says("250-hi\r\n250 STARTTLS\r\n");

    EXPECT_EQ(play.says(std::to_string(code) + " no\r\n"), "");

    const auto failed = play.take<Failed>();
    EXPECT_EQ(failed.stage, Stage::StartTls);
    EXPECT_EQ(failed.reply.code, code >= 400 ? code : 0);
    EXPECT_TRUE(play.quiet());
  }
}

TEST(ClientOpening, PlaintextBehindTheAnswerToStartTlsIsAFault) {
  test::for_every_split("220 go\r\n250-x\r\n250 AUTH PLAIN\r\n", [](const test::Pieces& pieces) {
    UpstreamPlay play(with_starttls());
    play.says("220 hi\r\n");
    play.says("250-hi\r\n250 STARTTLS\r\n");

    // Nobody takes an event before all is in, as when it came in one read.
    for (std::string_view piece : pieces) play.session.receive(piece);

    const auto failed = play.take<Failed>();
    EXPECT_EQ(failed.stage, Stage::StartTls);
    EXPECT_EQ(failed.reply.code, 0);
    play.session.secured();
    EXPECT_EQ(play.heard(), "");
  });
}

TEST(ClientOpening, AHandshakeThatNeverEndsIsTimedOut) {
  UpstreamPlay play(with_starttls());
  play.says("220 hi\r\n");
  play.says("250-hi\r\n250 STARTTLS\r\n");
  play.says("220 go\r\n");
  play.take<TlsWanted>();
  EXPECT_EQ(play.session.patience().limit, limits::kHandshakePatience);

  play.session.time_out();

  EXPECT_EQ(play.take<Failed>().stage, Stage::Tls);
}

// Patience.

TEST(ClientOpening, DrippingBytesGainNoTime) {
  UpstreamPlay play(without_login());
  const auto before = play.session.patience();
  EXPECT_EQ(before.limit, Duration(300'000));

  for (const char* byte : {"2", "2", "0", "-"}) {
    play.says(byte);
    EXPECT_EQ(play.session.patience().epoch, before.epoch);
  }
  play.says("\r\n220 hi\r\n");

  EXPECT_NE(play.session.patience().epoch, before.epoch);
}

TEST(ClientOpening, SaysWhatWasNotAnswered) {
  auto options = without_login();
  options.patience.command = Duration(7'000);
  UpstreamPlay play(options);
  play.says("220 hi\r\n");

  play.session.time_out();

  const auto failed = play.take<Failed>();
  EXPECT_EQ(failed.stage, Stage::Ehlo);
  EXPECT_EQ(failed.reply.text, "no answer to EHLO within 7 s");
}

TEST(ClientOpening, QuitBeforeReadyIsTheEndAtOnce) {
  UpstreamPlay play(without_login());

  play.session.quit();

  play.take<Closed>();
  EXPECT_EQ(play.says("220 hi\r\n"), "");
}

}  // namespace
}  // namespace mailchute
