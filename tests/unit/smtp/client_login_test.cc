// The session while it logs in (RFC 4954).
#include "smtp/client_session.h"

#include <gtest/gtest.h>

#include <string>

#include "base/text.h"
#include "unit/smtp/upstream_play.h"

namespace mailchute {
namespace {

using namespace client_event;
using test::UpstreamPlay;
using test::with_login;

constexpr const char* kLoginOffered = "250-hi\r\n250 AUTH LOGIN PLAIN\r\n";

/// A session whose EHLO has been answered with AUTH LOGIN PLAIN, and which has said the first line of its
/// login.
UpstreamPlay at_login(ClientOptions options = with_login()) {
  UpstreamPlay play(std::move(options));
  play.says("220 hi\r\n");
  EXPECT_TRUE(starts_nocase(play.says(kLoginOffered), "AUTH "));
  return play;
}

TEST(ClientLogin, LoginIgnoresWhatThePromptsSay) {
  for (const char* prompt :
       {"334 VXNlcm5hbWU6\r\n", "334 dXNlcm5hbWU6\r\n", "334 who are you?\r\n", "334 \r\n", "334\r\n"}) {
    auto play = at_login();

    EXPECT_EQ(play.says(prompt), base64_encode("tim") + "\r\n");
    EXPECT_EQ(play.says(prompt), base64_encode("correct-horse") + "\r\n");
    EXPECT_EQ(play.says("235 welcome\r\n"), "");

    play.take<Ready>();
  }
}

TEST(ClientLogin, TakesTheFirstPreferredMechanismThatIsOffered) {
  auto options = with_login();
  options.mechanisms = {"xoauth2", "plain", "login"};
  UpstreamPlay play(options);
  play.says("220 hi\r\n");

  EXPECT_EQ(play.says("250-hi\r\n250-auth=login\r\n250 AUTH XOAUTH2 Plain\r\n"),
            "AUTH PLAIN " + base64_encode(std::string("\0tim\0correct-horse", 18)) + "\r\n");
}

ClientOptions with_token() {
  auto options = with_login();
  options.credential = ClientOptions::Credential::Token;
  options.mechanisms = {"login", "xoauth2", "oauthbearer", "plain"};
  return options;
}

TEST(ClientLogin, ATokenIsGivenToNoMechanismThatTakesPasswords) {
  UpstreamPlay play(with_token());
  play.says("220 hi\r\n");

  EXPECT_EQ(play.says("250-hi\r\n250 AUTH LOGIN PLAIN OAUTHBEARER\r\n"),
            "AUTH OAUTHBEARER " + base64_encode("n,a=tim,\1auth=Bearer correct-horse\1\1") + "\r\n");

  UpstreamPlay none(with_token());
  none.says("220 hi\r\n");
  EXPECT_EQ(none.says(kLoginOffered), "");
  EXPECT_EQ(none.take<Failed>().reply.code, 0);
}

TEST(ClientLogin, APasswordIsGivenToNoMechanismThatTakesTokens) {
  auto options = with_login();
  options.mechanisms = {"xoauth2", "oauthbearer"};
  UpstreamPlay play(options);
  play.says("220 hi\r\n");

  EXPECT_EQ(play.says("250-hi\r\n250 AUTH XOAUTH2 OAUTHBEARER LOGIN\r\n"), "");

  EXPECT_EQ(play.take<Failed>().stage, Stage::Auth);
}

TEST(ClientLogin, ARefusedTokenIsAskedForItsRefusal) {
  for (const bool xoauth2 : {true, false}) {
    auto options = with_token();
    options.mechanisms = {xoauth2 ? "xoauth2" : "oauthbearer"};
    UpstreamPlay play(options);
    play.says("220 hi\r\n");
    play.says("250-hi\r\n250 AUTH XOAUTH2 OAUTHBEARER\r\n");

    EXPECT_EQ(play.says("334 eyJzdGF0dXMiOiI0MDEifQ==\r\n"), xoauth2 ? "\r\n" : "AQ==\r\n");
    play.says("535-5.7.8 Username and Password not accepted.\r\n535 5.7.8 Learn more\r\n");

    const auto failed = play.take<Failed>();
    EXPECT_EQ(failed.stage, Stage::Auth);
    EXPECT_EQ(failed.reply.code, 535);
  }
}

TEST(ClientLogin, ATokenThatIsTaken) {
  UpstreamPlay play(with_token());
  play.says("220 hi\r\n");
  play.says("250-hi\r\n250 AUTH XOAUTH2\r\n");

  play.says("235 2.7.0 Accepted\r\n");

  play.take<Ready>();
}

TEST(ClientLogin, NoMechanismInCommonNamesWhatIsOffered) {
  UpstreamPlay play(with_login());
  play.says("220 hi\r\n");

  EXPECT_EQ(play.says("250-hi\r\n250 AUTH CRAM-MD5 NTLM\r\n"), "");

  const auto failed = play.take<Failed>();
  EXPECT_EQ(failed.stage, Stage::Auth);
  EXPECT_EQ(failed.reply.code, 0);
  EXPECT_NE(failed.reply.text.find("cram-md5, ntlm"), std::string::npos);
}

TEST(ClientLogin, ARefusedCredentialIsTheEnd) {
  for (const int code : {535, 534, 538, 530, 454, 421, 553}) {
    auto play = at_login();

    EXPECT_EQ(play.says(std::to_string(code) + " Login fail.\r\n"), "");

    const auto failed = play.take<Failed>();
    EXPECT_EQ(failed.stage, Stage::Auth);
    EXPECT_EQ(failed.reply.code, code);
    EXPECT_TRUE(play.quiet());
  }
}

TEST(ClientLogin, AMechanismThatTheUpstreamDoesNotKnowGivesWayToTheNext) {
  auto options = with_login();
  options.mechanisms = {"plain", "login"};
  auto play = at_login(options);

  EXPECT_EQ(play.says("502 Invalid input\r\n"), "AUTH LOGIN\r\n");
  EXPECT_EQ(play.says("504 no\r\n"), "");

  EXPECT_EQ(play.take<Failed>().reply.code, 504);
}

TEST(ClientLogin, AMechanismRefusedInItsMiddleGivesWayToNone) {
  auto play = at_login();
  play.says("334 user?\r\n");

  EXPECT_EQ(play.says("502 no\r\n"), "");

  EXPECT_EQ(play.take<Failed>().reply.code, 502);
}

TEST(ClientLogin, EndlessChallengesAreCancelled) {
  auto play = at_login();
  play.says("334 a\r\n");
  play.says("334 b\r\n");

  EXPECT_EQ(play.says("334 c\r\n"), "*\r\n");
  EXPECT_EQ(play.says("334 d\r\n"), "");

  const auto failed = play.take<Failed>();
  EXPECT_EQ(failed.stage, Stage::Auth);
  EXPECT_EQ(failed.reply.code, 0);
}

TEST(ClientLogin, AChallengeToPlainIsCancelledAndItsRefusalIsNoVerdict) {
  auto options = with_login();
  options.mechanisms = {"plain"};
  auto play = at_login(options);

  EXPECT_EQ(play.says("334 " + std::string(64 * 1024 - 100, 'x') + "\r\n"), "*\r\n");
  play.says("501 cancelled\r\n");

  EXPECT_EQ(play.take<Failed>().reply.code, 0);
}

TEST(ClientLogin, OnlyTwoThreeFiveIsASuccess) {
  for (const char* reply : {"250 OK\r\n", "220 OK\r\n", "354 go\r\n"}) {
    auto play = at_login();

    EXPECT_EQ(play.says(reply), "");

    const auto failed = play.take<Failed>();
    EXPECT_EQ(failed.stage, Stage::Auth);
    EXPECT_EQ(failed.reply.code, 0);
  }
}

TEST(ClientLogin, AConnectionClosedOverACredentialIsReportedAtItsStage) {
  auto play = at_login();
  play.says("334 a\r\n");

  play.session.receive_end("");

  const auto failed = play.take<Failed>();
  EXPECT_EQ(failed.stage, Stage::Auth);
  EXPECT_EQ(failed.reply.text, "the upstream closed the connection");
}

TEST(ClientLogin, ACredentialThatIsQuotedBackIsMasked) {
  auto play = at_login();
  play.says("334 a\r\n");
  play.says("334 b\r\n");

  play.says("535-5.7.8 bad 'correct-horse'\r\n535 5.7.8 " + base64_encode("correct-horse") + "\r\n");

  EXPECT_EQ(play.take<Failed>().reply, (Reply{535, "5.7.8", "bad '***'\n***"}));
}

TEST(ClientLogin, ACredentialThatIsQuotedLongAfterTheLoginIsMasked) {
  auto play = at_login();
  play.says("334 a\r\n");
  play.says("334 b\r\n");
  play.says("235 in\r\n");
  play.take<Ready>();
  play.session.send(test::message_for({"b"}));
  play.heard();

  play.says("550 5.7.1 not after " + base64_encode("correct-horse") + "\r\n");

  EXPECT_EQ(play.take<Finished>().answers.at(0).reply, (Reply{550, "5.7.1", "not after ***"}));
}

TEST(ClientLogin, ACredentialInWhatIsNoReplyIsMasked) {
  auto play = at_login();

  play.says("you said correct-horse\r\n");

  EXPECT_EQ(play.take<Failed>().reply.text.find("horse"), std::string::npos);
}

}  // namespace
}  // namespace mailchute
