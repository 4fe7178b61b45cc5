#include "settle/failure_notice.h"

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

class FailureNoticeTest : public testing::Test {
 protected:
  FailureNoticeTest() {
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

  OwnMessage write(const std::vector<RecipientSettlement>& ends, GivenUp why = GivenUp::Refused) const {
    return failure_notice(parcel_, ends, why, "Subject: Invoice\r\n", MessageId{43},
                          WallTime{Duration{1'000'000}}, options_);
  }

  Parcel parcel_;
  SettleOptions options_;
};

TEST_F(FailureNoticeTest, GoesToTheSenderFromNobodyOnItsOwnRoute) {
  const OwnMessage notice = write({failed(2, 550)});

  EXPECT_EQ(notice.message.id, MessageId{43});
  EXPECT_FALSE(notice.message.sender);
  ASSERT_EQ(notice.message.recipients.size(), 1u);
  EXPECT_EQ(notice.message.recipients[0].recipient.mailbox.text(), "app@example.org");
  EXPECT_EQ(notice.message.recipients[0].route, "inside");
}

TEST_F(FailureNoticeTest, CannotCauseAnother) {
  const OwnMessage notice = write({failed(2, 550)});

  EXPECT_TRUE(notice.message.notice);
  EXPECT_TRUE(notice.message.summary.automatic);
  EXPECT_TRUE(notice.message.recipients[0].recipient.notify.never);
  EXPECT_EQ(notice.message.source.kind, "notice");
}

TEST_F(FailureNoticeTest, SpeaksOfTheFailedRecipientsOnly) {
  const OwnMessage notice = write({failed(2, 550)});

  EXPECT_NE(notice.content.find("eve@example.net"), std::string::npos);
  EXPECT_EQ(notice.content.find("bob@example.net"), std::string::npos);
  EXPECT_NE(notice.content.find("smtp.qq.example"), std::string::npos);
  EXPECT_NE(notice.content.find("no such user"), std::string::npos);
  EXPECT_EQ(notice.message.bytes, notice.content.size());
}

TEST_F(FailureNoticeTest, NamesNoServerWhereNoneAnswered) {
  const OwnMessage notice = write({failed(1, 0)}, GivenUp::Expired);
  EXPECT_EQ(notice.content.find("smtp.qq.example"), std::string::npos);
}

TEST_F(FailureNoticeTest, ABareSenderGetsTheMailDomain) {
  parcel_.sender = Mailbox("root", "");
  EXPECT_EQ(write({failed(1, 550)}).message.recipients[0].recipient.mailbox.text(), "root@example.org");
}

TEST_F(FailureNoticeTest, LivesForTheLifetimeOfMail) {
  const NewMessage message = write({failed(1, 550)}).message;
  EXPECT_EQ(message.expires - message.received, options_.lifetime);
}

}  // namespace
}  // namespace mailchute
