// The session from the greeting to the first Ready.
#include <gtest/gtest.h>

#include <string>

#include "base/limits.h"
#include "base/text.h"
#include "smtp/client_session.h"
#include "unit/smtp/upstream_play.h"
#include "unit/split.h"

namespace mailchute {
namespace {

using namespace client_event;
using test::UpstreamPlay;
using test::with_login;
using test::without_login;

constexpr const char* kLoginOffered = "250-hi\r\n250 AUTH LOGIN PLAIN\r\n";

ClientOptions with_starttls() {
  auto options = with_login();
  options.starttls = ClientOptions::StartTls::Required;
  return options;
}

/// A session whose EHLO has been answered with AUTH LOGIN PLAIN, and which has said the first line of its
/// login.
UpstreamPlay at_login(ClientOptions options = with_login()) {
  UpstreamPlay play(std::move(options));
  play.says("220 hi\r\n");
  EXPECT_TRUE(starts_nocase(play.says(kLoginOffered), "AUTH "));
  return play;
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

// AUTH.

TEST(ClientOpening, LoginIgnoresWhatThePromptsSay) {
  for (const char* prompt :
       {"334 VXNlcm5hbWU6\r\n", "334 dXNlcm5hbWU6\r\n", "334 who are you?\r\n", "334 \r\n", "334\r\n"}) {
    auto play = at_login();

    EXPECT_EQ(play.says(prompt), base64_encode("tim") + "\r\n");
    EXPECT_EQ(play.says(prompt), base64_encode("correct-horse") + "\r\n");
    EXPECT_EQ(play.says("235 welcome\r\n"), "");

    play.take<Ready>();
  }
}

TEST(ClientOpening, TakesTheFirstPreferredMechanismThatIsOffered) {
  auto options = with_login();
  options.mechanisms = {"xoauth2", "plain", "login"};
  UpstreamPlay play(options);
  play.says("220 hi\r\n");

  EXPECT_EQ(play.says("250-hi\r\n250-auth=login\r\n250 AUTH XOAUTH2 Plain\r\n"),
            "AUTH PLAIN " + base64_encode(std::string("\0tim\0correct-horse", 18)) + "\r\n");
}

TEST(ClientOpening, NoMechanismInCommonNamesWhatIsOffered) {
  UpstreamPlay play(with_login());
  play.says("220 hi\r\n");

  EXPECT_EQ(play.says("250-hi\r\n250 AUTH CRAM-MD5 NTLM\r\n"), "");

  const auto failed = play.take<Failed>();
  EXPECT_EQ(failed.stage, Stage::Auth);
  EXPECT_EQ(failed.reply.code, 0);
  EXPECT_NE(failed.reply.text.find("cram-md5, ntlm"), std::string::npos);
}

TEST(ClientOpening, ARefusedCredentialIsTheEnd) {
  for (const int code : {535, 534, 538, 530, 454, 421, 553}) {
    auto play = at_login();

    EXPECT_EQ(play.says(std::to_string(code) + " Login fail.\r\n"), "");

    const auto failed = play.take<Failed>();
    EXPECT_EQ(failed.stage, Stage::Auth);
    EXPECT_EQ(failed.reply.code, code);
    EXPECT_TRUE(play.quiet());
  }
}

TEST(ClientOpening, AMechanismThatTheUpstreamDoesNotKnowGivesWayToTheNext) {
  auto options = with_login();
  options.mechanisms = {"plain", "login"};
  auto play = at_login(options);

  EXPECT_EQ(play.says("502 Invalid input\r\n"), "AUTH LOGIN\r\n");
  EXPECT_EQ(play.says("504 no\r\n"), "");

  EXPECT_EQ(play.take<Failed>().reply.code, 504);
}

TEST(ClientOpening, AMechanismRefusedInItsMiddleGivesWayToNone) {
  auto play = at_login();
  play.says("334 user?\r\n");

  EXPECT_EQ(play.says("502 no\r\n"), "");

  EXPECT_EQ(play.take<Failed>().reply.code, 502);
}

TEST(ClientOpening, EndlessChallengesAreCancelled) {
  auto play = at_login();
  play.says("334 a\r\n");
  play.says("334 b\r\n");

  EXPECT_EQ(play.says("334 c\r\n"), "*\r\n");
  EXPECT_EQ(play.says("334 d\r\n"), "");

  const auto failed = play.take<Failed>();
  EXPECT_EQ(failed.stage, Stage::Auth);
  EXPECT_EQ(failed.reply.code, 0);
}

TEST(ClientOpening, AChallengeToPlainIsCancelledAndItsRefusalIsNoVerdict) {
  auto options = with_login();
  options.mechanisms = {"plain"};
  auto play = at_login(options);

  EXPECT_EQ(play.says("334 " + std::string(64 * 1024 - 100, 'x') + "\r\n"), "*\r\n");
  play.says("501 cancelled\r\n");

  EXPECT_EQ(play.take<Failed>().reply.code, 0);
}

TEST(ClientOpening, OnlyTwoThreeFiveIsASuccess) {
  for (const char* reply : {"250 OK\r\n", "220 OK\r\n", "354 go\r\n"}) {
    auto play = at_login();

    EXPECT_EQ(play.says(reply), "");

    const auto failed = play.take<Failed>();
    EXPECT_EQ(failed.stage, Stage::Auth);
    EXPECT_EQ(failed.reply.code, 0);
  }
}

TEST(ClientOpening, AConnectionClosedOverACredentialIsReportedAtItsStage) {
  auto play = at_login();
  play.says("334 a\r\n");

  play.session.receive_end("");

  const auto failed = play.take<Failed>();
  EXPECT_EQ(failed.stage, Stage::Auth);
  EXPECT_EQ(failed.reply.text, "the upstream closed the connection");
}

TEST(ClientOpening, ACredentialThatIsQuotedBackIsMasked) {
  auto play = at_login();
  play.says("334 a\r\n");
  play.says("334 b\r\n");

  play.says("535-5.7.8 bad 'correct-horse'\r\n535 5.7.8 " + base64_encode("correct-horse") + "\r\n");

  EXPECT_EQ(play.take<Failed>().reply, (Reply{535, "5.7.8", "bad '***'\n***"}));
}

TEST(ClientOpening, ACredentialInWhatIsNoReplyIsMasked) {
  auto play = at_login();

  play.says("you said correct-horse\r\n");

  EXPECT_EQ(play.take<Failed>().reply.text.find("horse"), std::string::npos);
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
