// What senders are told, and when: NOTIFY and RET (RFC 3461), local senders, digests.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/limits.h"
#include "unit/settle/settler_fixture.h"

namespace mailchute {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

class Telling : public SettlerTest {
 protected:
  Telling() { settler_->start(); }
};

TEST_F(Telling, SuccessIsToldWhereTheUpstreamWillNot) {
  dsn_ = Attempt::Dsn::NotOffered;
  recipient("asked", {.success = true});
  recipient("both", {.success = true, .failure = true});
  recipient("unsaid");
  recipient("failures", {.failure = true});
  settle(claimed(), {kDelivered, kDelivered, kDelivered, kDelivered});

  ASSERT_EQ(notices(), 1u);
  EXPECT_NE(notice().content.find("asked@example.net\r\nAction: relayed\r\n"), std::string::npos);
  EXPECT_NE(notice().content.find("both@example.net"), std::string::npos);
  EXPECT_EQ(notice().content.find("unsaid@example.net"), std::string::npos);
  EXPECT_EQ(notice().content.find("failures@example.net"), std::string::npos);
  EXPECT_EQ(queue_.settlements, 1u);
}

TEST_F(Telling, SuccessIsTheUpstreamsToTellWhereItOffersDsn) {
  recipient("asked", {.success = true});
  settle(claimed(), {kDelivered});
  EXPECT_EQ(notices(), 0u);
}

TEST_F(Telling, AnAutomaticMessageIsNotToldOfItsSuccess) {
  dsn_ = Attempt::Dsn::NotOffered;
  message_.summary.automatic = true;
  recipient("asked", {.success = true});
  settle(claimed(), {kDelivered});
  EXPECT_EQ(notices(), 0u);
  EXPECT_TRUE(untold_.empty());
}

TEST_F(Telling, FailureAndSuccessOfOneAttemptShareANotice) {
  dsn_ = Attempt::Dsn::NotOffered;
  recipient("good", {.success = true, .failure = true});
  recipient("bad", {.success = true, .failure = true});
  settle(claimed(), {kDelivered, said(Fate::Refused, Blame::Recipient, 550)});

  ASSERT_EQ(notices(), 1u);
  EXPECT_NE(notice().content.find("Subject: Undelivered mail"), std::string::npos);
  EXPECT_NE(notice().content.find("Action: relayed"), std::string::npos);
  EXPECT_NE(notice().content.find("Action: failed"), std::string::npos);
}

TEST_F(Telling, TheWholeMessageIsReturnedWhereThatWasAskedFor) {
  recipient("bad");
  message_.ret = Return::Full;
  settle(claimed(), {said(Fate::Refused, Blame::Recipient, 550)});
  EXPECT_NE(notice().content.find("Content-Type: message/rfc822"), std::string::npos);
  EXPECT_NE(notice().content.find("\r\n\r\nhello\r\n"), std::string::npos);
}

TEST_F(Telling, ALargeMessageIsReturnedByItsHeader) {
  recipient("bad");
  message_.ret = Return::Full;
  std::string content = "Subject: Invoice\r\n\r\n";
  while (content.size() <= limits::kChunkBytes) content += "line after line\r\n";
  settle(claimed(content), {said(Fate::Refused, Blame::Recipient, 550)});
  EXPECT_NE(notice().content.find("text/rfc822-headers"), std::string::npos);
  EXPECT_EQ(notice().content.find("line after line"), std::string::npos);
}

TEST_F(Telling, ALocalSendersNoticeGoesToRoot) {
  message_.sender = Mailbox("www-data", "");
  recipient("bad");
  settle(claimed(), {said(Fate::Refused, Blame::Recipient, 550)});
  ASSERT_EQ(notices(), 1u);
  EXPECT_EQ(notice().rows.at(0).recipient.recipient.mailbox.text(), "ops@example.com");
  EXPECT_NE(notice().content.find("Sent by: www-data"), std::string::npos);
}

TEST_F(Telling, ARuleOfAProviderIsExplained) {
  ReplyRule unknown_user;
  unknown_user.id = "qq-unknown-user";
  unknown_user.explanation.words = "The mailbox does not exist.";
  options_.replies["qq"] = {unknown_user};
  settler_->reconfigure(options_);
  refuse_another(550, "5.1.1", "qq-unknown-user");
  EXPECT_NE(notice().content.find("The mailbox does not exist."), std::string::npos);
}

TEST_F(Telling, TheSecondFailureOfAKindIsToldAtTheEndOfTheHour) {
  refuse_another();
  EXPECT_EQ(notices(), 1u);
  loop_.advance(minutes(20));
  refuse_another();
  refuse_another();
  EXPECT_EQ(notices(), 1u);

  loop_.advance(minutes(40));
  EXPECT_EQ(notices(), 2u);
  EXPECT_EQ(notices_with("r1001@example.net"), 1u);
  EXPECT_EQ(notices_with("r1002@example.net"), 1u);
  EXPECT_EQ(notices_with("r1003@example.net"), 1u);
  EXPECT_NE(notice().content.find("2 more of a kind"), std::string::npos);
  EXPECT_TRUE(queue_.digests.empty());
}

TEST_F(Telling, AnHourWithoutAnotherFailureEndsWithoutANotice) {
  refuse_another();
  loop_.advance(hours(2));
  EXPECT_EQ(notices(), 1u);
  EXPECT_TRUE(queue_.digests.empty());
  refuse_another();
  EXPECT_EQ(notices(), 2u);
}

TEST_F(Telling, AnotherReasonAndAnotherSenderAreToldAtOnce) {
  refuse_another(550, "5.1.1");
  refuse_another(550, "5.7.1");
  message_.sender = Mailbox("other", "example.org");
  refuse_another(550, "5.1.1");
  EXPECT_EQ(notices(), 3u);
}

TEST_F(Telling, WhatOneAttemptTellsForOneReasonIsNotGathered) {
  recipient("a");
  recipient("b");
  const Verdict refused = said(Fate::Refused, Blame::Recipient, 550);
  settle(claimed(), {refused, refused});
  EXPECT_EQ(notices_with("a@example.net"), 1u);
  EXPECT_EQ(notices_with("b@example.net"), 1u);
  EXPECT_EQ(queue_.digests.begin()->second.count, 0u);
}

TEST_F(Telling, ADigestListsAHundredAndCountsTheRest) {
  for (int i = 0; i < 151; ++i) refuse_another();
  loop_.advance(hours(1));
  EXPECT_EQ(notices(), 2u);
  EXPECT_NE(notice().content.find("And 50 more."), std::string::npos);
}

TEST_F(Telling, WhatWasGatheredSurvivesARestart) {
  refuse_another();
  refuse_another();
  restart();
  loop_.advance(minutes(59));
  EXPECT_EQ(notices(), 1u);
  loop_.advance(minutes(2));
  EXPECT_EQ(notices(), 2u);
  EXPECT_EQ(notices_with("r1002@example.net"), 1u);
}

TEST_F(Telling, AfterANightSwitchedOffADigestIsToldAtOnce) {
  refuse_another();
  refuse_another();
  loop_.jump(hours(12));
  restart();
  loop_.advance(Duration(1));
  EXPECT_EQ(notices(), 2u);
}

TEST_F(Telling, ACalendarThatIsSetBackDelaysNoDigest) {
  refuse_another();
  refuse_another();
  loop_.jump(-hours(24 * 3652));
  loop_.advance(minutes(30));
  restart();
  loop_.advance(hours(1));
  EXPECT_EQ(notices(), 2u);
}

TEST_F(Telling, ADigestThatTheDiskHasNoRoomForIsToldLater) {
  refuse_another();
  refuse_another();
  queue_.set_full("no space");
  loop_.advance(hours(1));
  EXPECT_EQ(notices(), 1u);
  queue_.set_full(std::nullopt);
  loop_.advance(minutes(2));
  EXPECT_EQ(notices(), 2u);
}

TEST_F(Telling, AFailureGatheredOnAFullDiskIsToldOnceThereIsRoom) {
  refuse_another();
  message_.id = MessageId{1500};
  message_.recipients.clear();
  recipient("late");
  Parcel parcel = claimed();
  Verdict refused = said(Fate::Refused, Blame::Recipient, 550);
  refused.reply.enhanced = "5.1.1";
  queue_.set_full("no space");
  settle(std::move(parcel), {refused});
  loop_.advance(hours(2));
  EXPECT_EQ(notices(), 1u);
  queue_.set_full(std::nullopt);
  loop_.advance(hours(2));

  EXPECT_EQ(notices_with("late@example.net"), 1u);
  EXPECT_TRUE(queue_.digests.empty());
}

TEST_F(Telling, AnAdditionThatComesToTheDiskAfterItsDigestWasToldIsNotForgotten) {
  Digests digests(queue_, loop_, loop_, ids_, options_);
  const DigestPart late{{"app@example.org", "reason"}, loop_.wall(), {DigestEntry{}}};
  queue_.digests[late.key] = Digest{late.key, late.due, 1, {}};
  EXPECT_FALSE(digests.has_begun(late.key));

  digests.kept(late);

  EXPECT_TRUE(digests.has_begun(late.key));
  loop_.advance(hours(1));
  EXPECT_TRUE(queue_.digests.empty());
  EXPECT_EQ(notices(), 1u);
}

TEST_F(Telling, AnExpiredMessageIsToldOnceAndTheNextOnesAreGathered) {
  for (int i = 0; i < 3; ++i) {
    message_.id = MessageId{message_.id.value + 1};
    message_.recipients.clear();
    recipient("e" + std::to_string(i));
    settler_->expire(claimed(), [] {});
    loop_.run();
  }
  EXPECT_EQ(notices(), 1u);
  loop_.advance(hours(1));
  EXPECT_EQ(notices(), 2u);
  EXPECT_NE(notice().content.find("Status: 4.4.7"), std::string::npos);
}

}  // namespace
}  // namespace mailchute
