#include "settle/settler.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/limits.h"
#include "unit/settle/settler_fixture.h"

namespace mailchute {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

TEST_F(SettlerTest, RecipientsAreSettledOneByOneInOneCommit) {
  for (const char* name : {"good", "later", "never"}) recipient(name);
  settle(claimed(), {kDelivered, said(Fate::Deferred, Blame::Recipient, 450),
                     said(Fate::Refused, Blame::Recipient, 550)});

  EXPECT_EQ(queue_.settlements, 1u);
  EXPECT_EQ(queue_.row(message_.id, 0).state, RecipientState::Delivered);
  EXPECT_EQ(queue_.row(message_.id, 1).state, RecipientState::Queued);
  EXPECT_EQ(queue_.row(message_.id, 1).attempts, 1);
  EXPECT_EQ(queue_.row(message_.id, 2).state, RecipientState::Failed);
  EXPECT_EQ(queue_.row(message_.id, 2).reply.code, 550);
  EXPECT_EQ(queue_.messages.at(message_.id).attempts.size(), 1u);
  EXPECT_EQ(ended_, 1);
  EXPECT_EQ(next_, loop_.wall() + minutes(1));
}

TEST_F(SettlerTest, ARefusedRecipientIsToldInTheSameCommit) {
  recipient("good");
  recipient("never");
  settle(claimed(), {kDelivered, said(Fate::Refused, Blame::Recipient, 550)});

  ASSERT_EQ(notices(), 1u);
  EXPECT_EQ(queue_.settlements, 1u);
  EXPECT_NE(notice().content.find("never@example.net"), std::string::npos);
  EXPECT_NE(notice().content.find("Subject: Invoice"), std::string::npos);
  EXPECT_EQ(notice().content.find("hello"), std::string::npos);
  EXPECT_FALSE(next_);
}

TEST_F(SettlerTest, ManyRefusedRecipientsAreOneNotice) {
  std::vector<Verdict> verdicts;
  for (int i = 0; i < 50; ++i) {
    recipient("r" + std::to_string(i));
    verdicts.push_back(said(Fate::Refused, Blame::Message, 554));
  }
  settle(claimed(), verdicts);

  EXPECT_EQ(notices(), 1u);
  EXPECT_NE(notice().content.find("r49@example.net"), std::string::npos);
}

TEST_F(SettlerTest, ANoticeThatFailsCausesNoNotice) {
  recipient("app");
  message_.notice = true;
  settle(claimed(), {said(Fate::Refused, Blame::Message, 554)});

  EXPECT_EQ(notices(), 0u);
  EXPECT_EQ(queue_.row(message_.id).state, RecipientState::Failed);
}

TEST_F(SettlerTest, TheNullSenderIsToldNothing) {
  recipient("bob");
  message_.sender.reset();
  settle(claimed(), {said(Fate::Refused, Blame::Message, 554)});
  EXPECT_EQ(notices(), 0u);
}

TEST_F(SettlerTest, AFailureThatNobodyIsToldOfIsReportedOnceItIsOnDisk) {
  recipient("bob");
  message_.sender.reset();
  settle(claimed(), {said(Fate::Refused, Blame::Message, 554)});

  ASSERT_EQ(untold_.size(), 1u);
  EXPECT_EQ(untold_[0].first, message_.id);
  EXPECT_EQ(untold_[0].second, "the message has no sender");
}

TEST_F(SettlerTest, AFailureThatTheSenderIsToldOfIsNoBusinessOfAnybodyElse) {
  recipient("bob");
  settle(claimed(), {said(Fate::Refused, Blame::Message, 554)});

  EXPECT_EQ(notices(), 1u);
  EXPECT_TRUE(untold_.empty());
}

TEST_F(SettlerTest, AFailedNoticeIsReportedThoughItAsksForNoNotice) {
  recipient("app", {.never = true});
  message_.notice = true;
  message_.sender.reset();
  settle(claimed(), {said(Fate::Refused, Blame::Message, 554)});
  EXPECT_EQ(untold_.size(), 1u);
}

TEST_F(SettlerTest, AFailureThatItsSenderDoesNotWantToHearOfIsNotReported) {
  recipient("bob", {.never = true});
  message_.summary.automatic = true;
  settle(claimed(), {said(Fate::Refused, Blame::Message, 554)});
  EXPECT_TRUE(untold_.empty());
}

TEST_F(SettlerTest, AnAutomaticMessageIsToldNothing) {
  recipient("bob");
  message_.summary.automatic = true;
  settle(claimed(), {said(Fate::Refused, Blame::Message, 554)});
  EXPECT_EQ(notices(), 0u);
}

TEST_F(SettlerTest, RecipientsThatWantNoNoticeAreLeftOutOfIt) {
  recipient("quiet", {.never = true});
  recipient("loud");
  recipient("success", {.success = true});
  const Verdict refused = said(Fate::Refused, Blame::Recipient, 550);
  settle(claimed(), {refused, refused, refused});

  ASSERT_EQ(notices(), 1u);
  EXPECT_NE(notice().content.find("loud@example.net"), std::string::npos);
  EXPECT_EQ(notice().content.find("quiet@example.net"), std::string::npos);
  EXPECT_EQ(notice().content.find("success@example.net"), std::string::npos);
}

TEST_F(SettlerTest, TheHeaderOfALargeMessageIsReadFromTheQueue) {
  recipient("bob");
  Parcel parcel = claimed("Subject: Large\r\n\r\n" + std::string(2 * limits::kChunkBytes, 'x') + "\r\n");
  ASSERT_FALSE(parcel.content);
  settle(std::move(parcel), {said(Fate::Refused, Blame::Message, 552)});

  ASSERT_EQ(notices(), 1u);
  EXPECT_NE(notice().content.find("Subject: Large"), std::string::npos);
  EXPECT_LT(notice().content.size(), 16'000u);
}

TEST_F(SettlerTest, AnUpstreamsTroubleCostsNoAttempt) {
  recipient("bob");
  settle(claimed(), {said(Fate::Deferred, Blame::Upstream, 421)});

  EXPECT_EQ(queue_.row(message_.id).state, RecipientState::Queued);
  EXPECT_EQ(queue_.row(message_.id).attempts, 0);
}

TEST_F(SettlerTest, HangUpsAreCountedInARowOverRestartsAndForgottenAfterAnAnswer) {
  recipient("bob");
  queue_.put(message_, "Subject: Invoice\r\n\r\nhello\r\n");
  const auto wait_after = [&](const Verdict& verdict) {
    settle(claimed_again(), {verdict});
    return *next_ - loop_.wall();
  };
  const Verdict hung_up = said(Fate::Deferred, Blame::Upstream, 421);

  EXPECT_EQ(wait_after(hung_up), std::chrono::seconds(30));
  EXPECT_EQ(wait_after(hung_up), minutes(1));
  restart();
  EXPECT_EQ(wait_after(hung_up), minutes(2));
  wait_after(said(Fate::Deferred, Blame::Recipient, 450));
  EXPECT_EQ(wait_after(hung_up), std::chrono::seconds(30));
}

TEST_F(SettlerTest, AClockThatJumpsForwardMakesNoMessageTooOldForItsRule) {
  recipient("a");
  Verdict flooded = said(Fate::Deferred, Blame::Recipient, 550);
  flooded.retry_for = std::chrono::hours(6);
  settler_->start();
  Parcel first = claimed();
  loop_.advance(std::chrono::hours(2));
  loop_.jump(std::chrono::hours(400 * 24));

  settle(std::move(first), {flooded});
  EXPECT_EQ(queue_.row(message_.id).state, RecipientState::Queued);

  loop_.advance(std::chrono::hours(5));
  settle(claimed_again(), {flooded});
  EXPECT_EQ(queue_.row(message_.id).state, RecipientState::Failed);
}

TEST_F(SettlerTest, WhatWaitedWhileTheMachineWasOffIsTriedBeforeARuleTakesItForTooOld) {
  recipient("a");
  Verdict flooded = said(Fate::Deferred, Blame::Recipient, 550);
  flooded.retry_for = std::chrono::hours(6);
  claimed();
  loop_.advance(std::chrono::hours(24));
  restart();

  settle(claimed_again(), {flooded});

  EXPECT_EQ(queue_.row(message_.id).state, RecipientState::Queued);
}

TEST_F(SettlerTest, ALostFinalReplyIsRetriedAndStaysInDoubt) {
  recipient("bob");
  Verdict lost{Fate::Deferred, Blame::Message, Stage::FinalDot, {0, "", "connection reset"}, true};
  settle(claimed(), {lost});

  EXPECT_EQ(queue_.row(message_.id).state, RecipientState::Queued);
  EXPECT_TRUE(queue_.row(message_.id).in_doubt);
  EXPECT_EQ(queue_.row(message_.id).attempts, 1);
}

TEST_F(SettlerTest, AFailedCommitEndsTheWorkWithoutANextAttempt) {
  recipient("bob");
  Parcel parcel = claimed();
  queue_.fail_commit();
  settle(std::move(parcel), {said(Fate::Refused, Blame::Message, 554)});

  EXPECT_EQ(ended_, 1);
  EXPECT_FALSE(next_);
  EXPECT_EQ(notices(), 0u);
  EXPECT_EQ(queue_.row(message_.id).state, RecipientState::Sending);
}

TEST_F(SettlerTest, AnExpiredMessageFailsWithItsLastWordsAndItsSenderIsTold) {
  recipient("bob");
  Parcel parcel = claimed();
  queue_.row(message_.id).reply = {450, "4.2.1", "mailbox busy"};
  queue_.row(message_.id).stage = Stage::RcptTo;
  settler_->expire(std::move(parcel), [this] { ++ended_; });
  EXPECT_EQ(ended_, 0);
  loop_.run();

  EXPECT_EQ(ended_, 1);
  EXPECT_EQ(queue_.row(message_.id).state, RecipientState::Failed);
  ASSERT_EQ(notices(), 1u);
  EXPECT_NE(notice().content.find("mailbox busy"), std::string::npos);
  EXPECT_TRUE(queue_.messages.at(message_.id).attempts.empty());
}

TEST_F(SettlerTest, AnExpiredMessageThatWasNeverTriedSaysWhatTheUpstreamSaid) {
  recipient("bob");
  in_trouble("another", Stage::Connect, {0, "", "connection refused"});
  in_trouble("qq", Stage::Auth, {535, "5.7.8", "bad password"});
  settler_->expire(claimed(), [this] { ++ended_; });
  loop_.run();

  ASSERT_EQ(notices(), 1u);
  EXPECT_NE(notice().content.find("bad password"), std::string::npos);
  EXPECT_NE(notice().content.find("smtp.qq.example"), std::string::npos);
}

TEST_F(SettlerTest, AnExpiryNamesForEachRecipientTheUpstreamThatHadIt) {
  options_.hosts["office"] = "smtp.office.example";
  settler_->reconfigure(options_);
  recipient("bob");
  recipient("carol");
  in_trouble("qq", Stage::Auth, {535, "5.7.8", "bad password"});
  Parcel parcel = claimed();
  queue_.row(message_.id, 1).reply = {450, "4.2.1", "mailbox busy"};
  queue_.row(message_.id, 1).stage = Stage::RcptTo;
  queue_.row(message_.id, 1).upstream = "office";
  settler_->expire(std::move(parcel), [this] { ++ended_; });
  loop_.run();

  ASSERT_EQ(notices(), 1u);
  const std::string& content = notice().content;
  const auto carol = content.find("Final-Recipient: rfc822; carol@example.net");
  EXPECT_LT(content.find("Remote-MTA: dns; smtp.qq.example"), carol) << content;
  EXPECT_GT(content.find("Remote-MTA: dns; smtp.office.example"), carol);
  EXPECT_NE(content.find("Remote-MTA: dns; smtp.office.example"), std::string::npos);
}

TEST_F(SettlerTest, AnExpiryIsExplainedByTheRuleOfItsLastReply) {
  ReplyRule busy;
  busy.id = "qq-busy";
  busy.text = {"mailbox busy"};
  busy.explanation.words = "Somebody else is writing to it.";
  options_.replies["qq"] = {busy};
  settler_->reconfigure(options_);
  recipient("bob");
  claimed();
  queue_.row(message_.id).reply = {450, "4.2.1", "mailbox busy"};
  queue_.row(message_.id).stage = Stage::RcptTo;
  queue_.restart();
  message_.expires = loop_.wall();
  queue_.messages.at(message_.id).facts.expires = loop_.wall();
  std::optional<Parcel> expired;
  queue_.claim_expired(loop_.wall(), 10,
                       [&](QueueResult<Claimed> result) { expired = result->parcels.at(0); });
  loop_.run();

  settler_->expire(std::move(*expired), [this] { ++ended_; });
  loop_.run();

  ASSERT_EQ(notices(), 1u);
  EXPECT_NE(notice().content.find("Somebody else is writing to it."), std::string::npos) << notice().content;
  EXPECT_NE(notice().content.find("smtp.qq.example"), std::string::npos);
}

TEST_F(SettlerTest, AnExpiryOfAMessageThatIsGoneStillEnds) {
  recipient("bob");
  Parcel parcel = claimed();
  queue_.messages.clear();
  settler_->expire(std::move(parcel), [this] { ++ended_; });
  loop_.run();
  EXPECT_EQ(ended_, 1);
}

TEST_F(SettlerTest, NoticesHaveIdsOfTheirOwn) {
  recipient("bob");
  settle(claimed(), {said(Fate::Refused, Blame::Message, 554)});
  EXPECT_GT(notice().facts.id, MessageId{2000});
  EXPECT_EQ(notice().rows[0].recipient.recipient.mailbox.text(), "app@example.org");
  EXPECT_EQ(notice().rows[0].recipient.route, "qq");
}

TEST_F(SettlerTest, WhatThisUpstreamCannotTakeGoesOnAndNobodyIsToldUntilNoneIsLeft) {
  message_.recipients.push_back({{Mailbox("bob", "example.net"), {}, ""}, "qq,ses"});
  Verdict beyond = said(Fate::Refused, Blame::Message, 552);
  beyond.remedy = Remedy::OtherUpstream;
  queue_.put(message_, "Subject: Invoice\r\n\r\nhello\r\n");

  settle(claimed_by("qq,ses", "qq"), {beyond});
  EXPECT_EQ(queue_.row(message_.id).recipient.route, "!qq,ses");
  EXPECT_EQ(queue_.row(message_.id).state, RecipientState::Queued);
  EXPECT_EQ(queue_.row(message_.id).attempts, 0);
  EXPECT_EQ(narrowed_route_, "!qq,ses");
  EXPECT_EQ(next_, loop_.wall());
  EXPECT_EQ(notices(), 0u);

  beyond.reply.text = "also here too large";
  settle(claimed_by("!qq,ses", "ses"), {beyond});
  EXPECT_EQ(queue_.row(message_.id).state, RecipientState::Failed);
  EXPECT_EQ(narrowed_route_, "");
  EXPECT_EQ(notices_with("also here too large"), 1u);
  EXPECT_EQ(notices_with("smtp.qq.example was asked before"), 1u);
}

}  // namespace
}  // namespace mailchute
