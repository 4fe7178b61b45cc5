// The session as it serves who only wants to know: replies are told as they come, and a sender is tried
// without a message.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "smtp/client_session.h"
#include "unit/smtp/upstream_play.h"

namespace mailchute {
namespace {

using namespace client_event;
using test::ready_play;
using test::with_login;
using test::without_login;

ClientOptions heard(ClientOptions options) {
  options.replies = ClientOptions::Replies::Heard;
  return options;
}

TEST(ClientTrial, TellsEachReplyBeforeWhatFollowsFromIt) {
  test::UpstreamPlay play(heard(with_login()));

  play.says("220 up.test\r\n");
  play.says("250-up.test\r\n250 AUTH PLAIN\r\n");
  play.says("535 5.7.8 no\r\n");

  EXPECT_EQ(play.take<Heard>().reply.code, 220);
  const auto offers = play.take<Heard>();
  EXPECT_EQ(offers.stage, Stage::Ehlo);
  EXPECT_EQ(offers.reply.text, "up.test\nAUTH PLAIN");
  EXPECT_EQ(play.take<Heard>().stage, Stage::Auth);
  EXPECT_EQ(play.take<Failed>().reply.code, 535);
}

TEST(ClientTrial, TellsNoCredentialThatIsRepeated) {
  test::UpstreamPlay play(heard(with_login()));
  play.says("220 up.test\r\n");
  play.says("250-up.test\r\n250 AUTH LOGIN\r\n");
  play.says("334 VXNlcm5hbWU6\r\n");
  play.says("334 UGFzc3dvcmQ6\r\n");
  play.says("535 correct-horse is wrong\r\n");

  std::string all;
  for (auto& event : play.events)
    if (const auto* told = std::get_if<Heard>(&event)) all += told->reply.text;

  EXPECT_EQ(all.find("correct-horse"), std::string::npos);
  EXPECT_NE(all.find("is wrong"), std::string::npos);
}

TEST(ClientTrial, IsSilentAboutRepliesUnlessAsked) {
  auto play = ready_play("");

  EXPECT_TRUE(play.quiet());
}

TEST(ClientTrial, ASenderThatIsTakenIsTakenBack) {
  auto play = ready_play("SIZE 1000");

  play.session.try_sender(Mailbox("a", "s.test"));

  EXPECT_EQ(play.heard(), "MAIL FROM:<a@s.test>\r\n");
  EXPECT_EQ(play.says("250 ok\r\n"), "RSET\r\n");
  EXPECT_FALSE(play.session.idle());
  EXPECT_EQ(play.says("250 ok\r\n"), "");
  play.take<Ready>();
  EXPECT_TRUE(play.session.idle());
}

TEST(ClientTrial, ASenderThatIsRefusedLeavesTheSessionReady) {
  test::UpstreamPlay play = ready_play("", without_login());

  play.session.try_sender(std::nullopt);

  EXPECT_EQ(play.heard(), "MAIL FROM:<>\r\n");
  EXPECT_EQ(play.says("501 not you\r\n"), "");
  play.take<Ready>();
  play.session.quit();
  EXPECT_EQ(play.heard(), "QUIT\r\n");
}

TEST(ClientTrial, AnAnswerThatIsNoneEndsTheSession) {
  for (const bool to_reset : {false, true}) {
    auto play = ready_play("");
    play.session.try_sender(Mailbox("a", "s.test"));
    play.heard();
    if (to_reset) play.says("250 ok\r\n");

    play.says("354 go\r\n");

    EXPECT_EQ(play.take<Failed>().stage, to_reset ? Stage::Reset : Stage::MailFrom);
  }
}

TEST(ClientTrial, SilenceIsAFailureAtItsStage) {
  auto play = ready_play("");
  play.session.try_sender(Mailbox("a", "s.test"));
  play.heard();

  play.session.time_out();

  const auto failed = play.take<Failed>();
  EXPECT_EQ(failed.stage, Stage::MailFrom);
  EXPECT_EQ(failed.reply.text, "no answer to MAIL within 300 s");
}

TEST(ClientTrial, ASenderThatCannotBeSaidIsNotSaid) {
  auto play = ready_play("");

  play.session.try_sender(Mailbox("a", "s.test> BODY=X"));

  EXPECT_EQ(play.heard(), "");
  play.take<Ready>();
}

}  // namespace
}  // namespace mailchute
