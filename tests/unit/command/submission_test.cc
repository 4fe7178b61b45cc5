#include "command/submission.h"

#include <gtest/gtest.h>

#include "unit/command/scripted_daemon.h"

namespace mailchute {
namespace {

using Step = ScriptedDaemon::Step;

const Step kGreeting{"", "220 relay.test\r\n"};
const Step kHello{"EHLO", "250-relay.test\r\n250-PIPELINING\r\n250 DSN\r\n"};
const Step kSender{"MAIL", "250 2.1.0 Ok\r\n"};
const Step kRecipient{"RCPT", "250 2.1.5 Ok\r\n"};
const Step kData{"DATA", "354 go on\r\n"};
const Step kQueued{".", "250 2.0.0 Ok: queued as 0ABCDEFGHJKM\r\n"};

OutgoingMessage to(std::vector<std::string> recipients) {
  OutgoingMessage message;
  message.sender = Mailbox("root", "");
  for (const std::string& text : recipients) message.recipients.push_back({*Mailbox::parse(text), {}, {}});
  return message;
}

TEST(Submission, GivesTheIdUnderWhichTheMessageIsQueued) {
  ScriptedDaemon daemon({kGreeting, kHello, kSender, kRecipient, kData, kQueued});

  const auto id = submit(daemon.path(), to({"root"}), "Subject: x\r\n\r\n.hidden\r\n");

  ASSERT_TRUE(id) << id.error().text;
  EXPECT_EQ(*id, "0ABCDEFGHJKM");
  const std::string& heard = daemon.heard();
  EXPECT_NE(heard.find("MAIL FROM:<root>\r\n"), std::string::npos) << heard;
  EXPECT_NE(heard.find("RCPT TO:<root>\r\n"), std::string::npos) << heard;
  EXPECT_NE(heard.find("\r\n..hidden\r\n.\r\n"), std::string::npos) << heard;
}

TEST(Submission, WhereOneRecipientIsRefusedNobodyGetsTheMessage) {
  ScriptedDaemon daemon(
      {kGreeting, kHello, kSender, kRecipient, {"RCPT", "550 5.1.1 No such user\r\n"}, kData});

  const auto id = submit(daemon.path(), to({"a@r.test", "b@r.test"}), "Subject: x\r\n\r\nhi\r\n");

  ASSERT_FALSE(id);
  EXPECT_EQ(id.error().code, 67);
  EXPECT_NE(id.error().text.find("b@r.test: 550 5.1.1 No such user"), std::string::npos) << id.error().text;
  EXPECT_EQ(daemon.heard().find("Subject"), std::string::npos) << daemon.heard();
}

TEST(Submission, TooManyRecipientsAreAMistakeAndNotAReasonToTryAgain) {
  ScriptedDaemon daemon({kGreeting, kHello, kSender, {"RCPT", "452 4.5.3 Too many recipients\r\n"}, kData});

  const auto id = submit(daemon.path(), to({"a@r.test"}), "hi\r\n");

  ASSERT_FALSE(id);
  EXPECT_EQ(id.error().code, 65);
}

struct Refused {
  const char* what;
  Step step;
  int code;
};

TEST(Submission, TheExitStatusTellsWhoseTroubleItIs) {
  const Refused cases[] = {
      {"a full disk passes", {"MAIL", "452 4.3.1 Not enough disk space\r\n"}, 75},
      {"a sender that is none does not", {"MAIL", "501 5.1.7 Bad sender\r\n"}, 65},
      {"nor a message that is too large", {"MAIL", "552 5.3.4 Message too large\r\n"}, 65},
      {"a daemon that stops comes back", {"EHLO", "421 4.3.2 Stopping\r\n"}, 75},
      {"one that is gone comes back", {"MAIL", ""}, 75},
  };

  for (const Refused& each : cases) {
    std::vector<Step> script = {kGreeting};
    if (each.step.wanted != "EHLO") script.push_back({"EHLO", "250 relay.test\r\n"});
    script.push_back(each.step);
    ScriptedDaemon daemon(script);

    const auto id = submit(daemon.path(), to({"a@r.test"}), "hi\r\n");

    ASSERT_FALSE(id) << each.what;
    EXPECT_EQ(id.error().code, each.code) << each.what << ": " << id.error().text;
  }
}

TEST(Submission, ALostLastWordIsSaidToBeOne) {
  ScriptedDaemon daemon({kGreeting, kHello, kSender, kRecipient, kData, {".", ""}});

  const auto id = submit(daemon.path(), to({"a@r.test"}), "Subject: x\r\n\r\nhi\r\n");

  ASSERT_FALSE(id);
  EXPECT_EQ(id.error().code, 75);
  EXPECT_NE(id.error().text.find("may have queued"), std::string::npos) << id.error().text;
}

TEST(Submission, ContentThatCannotBeReadTakesTheMessageBack) {
  ScriptedDaemon daemon({kGreeting, kHello, kSender, kRecipient, kData});
  int asked = 0;
  ContentPieces pieces = [&asked]() -> Result<std::string> {
    if (++asked == 1) return std::string("Subject: x\r\n\r\nhalf\r\n");
    return fail("the disk is gone", 74);
  };

  const auto id = submit(daemon.path(), to({"a@r.test"}), std::move(pieces));

  ASSERT_FALSE(id);
  EXPECT_EQ(id.error().text, "the disk is gone");
  EXPECT_EQ(daemon.heard().find("\r\n.\r\n"), std::string::npos);
}

TEST(Submission, TheTranscriptHasBothSidesAndNotTheContent) {
  ScriptedDaemon daemon({kGreeting, kHello, kSender, kRecipient, kData, kQueued});
  std::string said;
  bool given = false;
  ContentPieces pieces = [&given]() -> Result<std::string> {
    return std::exchange(given, true) ? std::string() : std::string("Subject: secret\r\n\r\n");
  };

  const auto id = submit(daemon.path(), to({"a@r.test"}), std::move(pieces),
                         [&said](std::string_view line) { said += std::string(line) + "\n"; });

  ASSERT_TRUE(id);
  EXPECT_NE(said.find("<<< 220 relay.test\n>>> EHLO localhost\n"), std::string::npos) << said;
  EXPECT_NE(said.find(">>> (19 bytes)\n"), std::string::npos) << said;
  EXPECT_NE(said.find("queued as 0ABCDEFGHJKM\n>>> QUIT\n"), std::string::npos) << said;
  EXPECT_EQ(said.find("secret"), std::string::npos) << said;
}

TEST(Submission, WhereNobodyListensItSaysSo) {
  const auto id = submit("/tmp/mailchute-nobody/submit.sock", to({"a@r.test"}), "hi\r\n");

  ASSERT_FALSE(id);
  EXPECT_EQ(id.error().code, 69);
  EXPECT_NE(id.error().text.find("next: systemctl start mailchute"), std::string::npos) << id.error().text;
}

}  // namespace
}  // namespace mailchute
