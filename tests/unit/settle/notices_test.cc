#include "settle/notices.h"

#include <gtest/gtest.h>

#include <string>

namespace mailchute {
namespace {

TEST(HeaderSection, EndsBeforeTheEmptyLine) {
  EXPECT_EQ(header_section("A: 1\r\nB: 2\r\n\r\nbody\r\n"), "A: 1\r\nB: 2\r\n");
}

TEST(HeaderSection, MayBeAllThereIs) { EXPECT_EQ(header_section("A: 1\r\n"), "A: 1\r\n"); }

TEST(HeaderSection, MayBeEmpty) {
  EXPECT_EQ(header_section("\r\nbody\r\n"), "");
  EXPECT_EQ(header_section(""), "");
}

TEST(HeaderSection, ALargeOneIsCutAtALine) {
  std::string header;
  while (header.size() < 40'000) header += "X: " + std::string(70, 'x') + "\r\n";
  const std::string shown = header_section(header + "\r\nbody\r\n");

  EXPECT_LE(shown.size(), 16u * 1024);
  EXPECT_GT(shown.size(), 16u * 1024 - 80);
  EXPECT_TRUE(shown.ends_with("x\r\n"));
}

TEST(HeaderSection, ALineWithoutEndIsLeftOut) { EXPECT_EQ(header_section(std::string(70'000, 'x')), ""); }

class NoticesTest : public testing::Test {
 protected:
  NoticesTest() {
    parcel_.id = MessageId{42};
    parcel_.upstream = "qq";
    parcel_.sender = Mailbox("app", "example.org");
    parcel_.summary.subject = "Invoice";
    parcel_.recipients.push_back({1, {Mailbox("bob", "example.net"), {}, ""}, 3, false});
    parcel_.recipients.push_back({2, {Mailbox("eve", "example.net"), {}, ""}, 3, false});
    options_.routes = {{"", "*@example.org", {"inside"}}, {"*", "*", {"qq"}}};
    options_.hostname = "relay.example.org";
    options_.mail_domain = "example.org";
    options_.hosts["qq"] = "smtp.qq.example";
  }

  static RecipientSettlement failed(std::int64_t row, int code) {
    RecipientSettlement end;
    end.row = row;
    end.state = RecipientState::Failed;
    end.stage = Stage::RcptTo;
    end.reply = {code, "", "no such user"};
    return end;
  }

  OwnMessage write(const std::vector<RecipientSettlement>& ends) const {
    std::vector<NoticeRecipient> recipients;
    for (const RecipientSettlement& end : ends)
      recipients.push_back(told(parcel_.upstream, parcel_.recipients[static_cast<std::size_t>(end.row - 1)],
                                end, {}, NoticeRecipient::Action::Failed, options_));
    return attempt_notice(parcel_, recipients,
                          {MessageId{43}, "Subject: Invoice\r\n", WallTime{Duration{1'000'000}}}, options_);
  }

  Parcel parcel_;
  SettleOptions options_;
};

TEST_F(NoticesTest, GoesToTheSenderFromNobodyOnItsOwnRoute) {
  const OwnMessage notice = write({failed(2, 550)});

  EXPECT_EQ(notice.message.id, MessageId{43});
  EXPECT_FALSE(notice.message.sender);
  ASSERT_EQ(notice.message.recipients.size(), 1u);
  EXPECT_EQ(notice.message.recipients[0].recipient.mailbox.text(), "app@example.org");
  EXPECT_EQ(notice.message.recipients[0].route, "inside");
}

TEST_F(NoticesTest, CannotCauseAnother) {
  const OwnMessage notice = write({failed(2, 550)});

  EXPECT_TRUE(notice.message.notice);
  EXPECT_TRUE(notice.message.summary.automatic);
  EXPECT_TRUE(notice.message.recipients[0].recipient.notify.never);
  EXPECT_EQ(notice.message.source.kind, "notice");
}

TEST_F(NoticesTest, SpeaksOfTheFailedRecipientsOnly) {
  const OwnMessage notice = write({failed(2, 550)});

  EXPECT_NE(notice.content.find("eve@example.net"), std::string::npos);
  EXPECT_EQ(notice.content.find("bob@example.net"), std::string::npos);
  EXPECT_NE(notice.content.find("smtp.qq.example"), std::string::npos);
  EXPECT_NE(notice.content.find("no such user"), std::string::npos);
  EXPECT_EQ(notice.message.bytes, notice.content.size());
}

TEST_F(NoticesTest, NamesNoServerWhereNoneAnswered) {
  const OwnMessage notice = write({failed(1, 0)});
  EXPECT_EQ(notice.content.find("smtp.qq.example"), std::string::npos);
}

TEST_F(NoticesTest, ABareSenderGetsTheMailDomain) {
  parcel_.sender = Mailbox("root", "");
  EXPECT_EQ(write({failed(1, 550)}).message.recipients[0].recipient.mailbox.text(), "root@example.org");
}

TEST_F(NoticesTest, ALocalSendersGoesToWhoeverReadsItsMail) {
  options_.aliases = Aliases({{{"backup", {Mailbox("ann", "example.com"), Mailbox("carol", "example.com")}}},
                              Mailbox("ops", "example.com"),
                              "example.org",
                              "relay.example.org"});
  parcel_.sender = Mailbox("cron", "localhost");
  EXPECT_EQ(write({failed(1, 550)}).message.recipients[0].recipient.mailbox.text(), "ops@example.com");

  parcel_.sender = Mailbox("backup", "relay.example.org");
  const OwnMessage notice = write({failed(1, 550)});
  ASSERT_EQ(notice.message.recipients.size(), 2u);
  EXPECT_NE(notice.content.find("To: <ann@example.com>, <carol@example.com>\r\n"), std::string::npos);
}

TEST_F(NoticesTest, AnEightBitOriginalThatIsReturnedIsSaidToBeOne) {
  parcel_.ret = Return::Full;
  parcel_.content = "Subject: x\r\n\r\n\xE7\x94\xA8\r\n";
  EXPECT_EQ(write({failed(1, 550)}).message.body, Body::EightBit);
  parcel_.ret = Return::Headers;
  EXPECT_EQ(write({failed(1, 550)}).message.body, Body::Unsaid);
}

TEST_F(NoticesTest, LivesForTheLifetimeOfMail) {
  const NewMessage message = write({failed(1, 550)}).message;
  EXPECT_EQ(message.expires - message.received, options_.lifetime);
}

}  // namespace
}  // namespace mailchute
