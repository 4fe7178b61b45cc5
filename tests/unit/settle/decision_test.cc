#include "settle/decision.h"

#include <gtest/gtest.h>

#include "fake/fake_loop.h"

namespace mailchute {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

constexpr WallTime kNow = fake::FakeLoop::kStart;

DecisionRules plain(UncertainPolicy uncertain = UncertainPolicy::RetryOnce) {
  DecisionRules rules;
  rules.retry.jitter = 0;
  rules.uncertain = uncertain;
  return rules;
}

ParcelRecipient tried(int attempts) {
  ParcelRecipient recipient;
  recipient.row = 7;
  recipient.attempts = attempts;
  return recipient;
}

RecipientSettlement after(const Verdict& verdict, int attempts = 0) {
  return decide(tried(attempts), verdict, minutes(30), kNow, plain(), 0);
}

Verdict verdict(Fate fate, Blame blame, Stage stage = Stage::FinalDot) {
  return {fate, blame, stage, {451, "4.0.0", "words"}, false};
}

TEST(Decision, DeliveredAndRefusedAreFinal) {
  EXPECT_EQ(after(verdict(Fate::Delivered, Blame::Message)).state, RecipientState::Delivered);
  EXPECT_EQ(after(verdict(Fate::Refused, Blame::Message)).state, RecipientState::Failed);
  EXPECT_EQ(after(verdict(Fate::Refused, Blame::Recipient)).state, RecipientState::Failed);
  EXPECT_EQ(after(verdict(Fate::Refused, Blame::Sender)).state, RecipientState::Failed);
}

Verdict beyond(Fate fate = Fate::Refused) {
  Verdict made = verdict(fate, Blame::Message, Stage::MailFrom);
  made.reply = {552, "5.3.4", "too large"};
  made.remedy = Remedy::OtherUpstream;
  return made;
}

Parcel parcel_of(const std::string& route, const std::string& upstream) {
  Parcel parcel;
  parcel.route = route;
  parcel.upstream = upstream;
  return parcel;
}

TEST(Decision, WhatOneUpstreamCannotTakeGoesOnWithTheOthersOfItsRoute) {
  EXPECT_EQ(goes_on(parcel_of("office,qq", "office"), tried(0), beyond()), "!office,qq");
  EXPECT_EQ(goes_on(parcel_of("office,qq,ses", "qq"), tried(0), beyond()), "office,!qq,ses");

  const RecipientSettlement end = decide_going_on(tried(2), beyond(), "!office,qq", kNow);
  EXPECT_EQ(end.state, RecipientState::Queued);
  EXPECT_EQ(end.row, 7);
  EXPECT_EQ(end.attempts, 2);
  EXPECT_EQ(end.next_attempt, kNow);
  EXPECT_EQ(end.reply, beyond().reply);
  EXPECT_EQ(end.route, "!office,qq");
  EXPECT_FALSE(end.in_doubt);
}

TEST(Decision, WithNobodyLeftItIsRefusedByTheLast) {
  EXPECT_EQ(goes_on(parcel_of("office,qq", "qq"), tried(0), beyond()), "office,!qq");
  EXPECT_EQ(goes_on(parcel_of("!office,qq", "qq"), tried(0), beyond()), "");
  EXPECT_EQ(goes_on(parcel_of("qq", "qq"), tried(0), beyond()), "");
}

TEST(Decision, WhatMayHaveBeenDeliveredGoesNoOtherWay) {
  ParcelRecipient doubtful = tried(1);
  doubtful.in_doubt = true;
  Verdict lost = beyond();
  lost.in_doubt = true;

  EXPECT_EQ(goes_on(parcel_of("office,qq", "office"), doubtful, beyond()), "");
  EXPECT_EQ(goes_on(parcel_of("office,qq", "office"), tried(0), lost), "");
  EXPECT_EQ(goes_on(parcel_of("office,qq", "office"), tried(0), beyond(Fate::Deferred)), "");
  EXPECT_EQ(goes_on(parcel_of("office,qq", "office"), tried(0), verdict(Fate::Refused, Blame::Message)), "");
}

TEST(Decision, ADeferredRecipientCountsAnAttemptAndWaitsLongerEachTime) {
  const RecipientSettlement first = after(verdict(Fate::Deferred, Blame::Message));
  EXPECT_EQ(first.state, RecipientState::Queued);
  EXPECT_EQ(first.row, 7);
  EXPECT_EQ(first.attempts, 1);
  EXPECT_EQ(first.next_attempt, kNow + minutes(1));

  const RecipientSettlement fourth = after(verdict(Fate::Deferred, Blame::Recipient), 3);
  EXPECT_EQ(fourth.attempts, 4);
  EXPECT_EQ(fourth.next_attempt, kNow + minutes(8));
}

TEST(Decision, AnUpstreamsTroubleCostsNoAttempt) {
  const RecipientSettlement before_mail = after(verdict(Fate::Deferred, Blame::Upstream, Stage::Auth), 3);
  EXPECT_EQ(before_mail.attempts, 3);
  EXPECT_EQ(before_mail.next_attempt, kNow);

  const RecipientSettlement hung_up = after(verdict(Fate::Deferred, Blame::Upstream, Stage::Data), 3);
  EXPECT_EQ(hung_up.attempts, 3);
  EXPECT_EQ(hung_up.next_attempt, kNow + seconds(30));
}

TEST(Decision, AMessageOnWhichAServerAlwaysHangsUpWaitsLongerEachTime) {
  const Verdict hung_up = verdict(Fate::Deferred, Blame::Upstream, Stage::Data);
  const auto wait = [&](int hang_ups) {
    ParcelRecipient recipient = tried(0);
    recipient.hang_ups = hang_ups - 1;
    const RecipientSettlement end = decide(recipient, hung_up, minutes(30), kNow, plain(), 0);
    EXPECT_EQ(end.hang_ups, hang_ups);
    return end.next_attempt - kNow;
  };

  EXPECT_EQ(wait(1), seconds(30));
  EXPECT_EQ(wait(2), minutes(1));
  EXPECT_EQ(wait(3), minutes(2));
  EXPECT_EQ(wait(100), minutes(60));
}

TEST(Decision, ARefusalBlamedOnTheUpstreamIsNone) {
  const RecipientSettlement end = after(verdict(Fate::Refused, Blame::Upstream, Stage::Auth));
  EXPECT_EQ(end.state, RecipientState::Queued);
  EXPECT_EQ(end.attempts, 0);
}

TEST(Decision, StageAndWordsAreKept) {
  const RecipientSettlement end = after(verdict(Fate::Refused, Blame::Recipient, Stage::RcptTo));
  EXPECT_EQ(end.stage, Stage::RcptTo);
  EXPECT_EQ(end.reply, (Reply{451, "4.0.0", "words"}));
}

TEST(Decision, DoubtIsNeverForgotten) {
  Verdict lost = verdict(Fate::Deferred, Blame::Message);
  lost.in_doubt = true;
  EXPECT_TRUE(after(lost).in_doubt);

  ParcelRecipient doubtful = tried(1);
  doubtful.in_doubt = true;
  EXPECT_TRUE(
      decide(doubtful, verdict(Fate::Delivered, Blame::Message), minutes(30), kNow, plain(), 0).in_doubt);
}

TEST(Decision, ALostFinalReplyIsThePolicysToDecide) {
  Verdict lost = verdict(Fate::Deferred, Blame::Message);
  lost.in_doubt = true;
  ParcelRecipient doubtful = tried(1);
  doubtful.in_doubt = true;
  const auto state = [&](const ParcelRecipient& recipient, UncertainPolicy policy) {
    return decide(recipient, lost, minutes(30), kNow, plain(policy), 0).state;
  };

  EXPECT_EQ(state(tried(0), UncertainPolicy::RetryOnce), RecipientState::Queued);
  EXPECT_EQ(state(doubtful, UncertainPolicy::RetryOnce), RecipientState::Held);
  EXPECT_EQ(state(tried(0), UncertainPolicy::Hold), RecipientState::Held);
  EXPECT_EQ(state(tried(0), UncertainPolicy::GiveUp), RecipientState::Failed);
}

TEST(Decision, OneBadRecipientSendsTheOthersAgainAloneAndAtOnce) {
  Verdict split = verdict(Fate::Deferred, Blame::Message);
  split.remedy = Remedy::Split;

  const RecipientSettlement end = after(split, 2);

  EXPECT_TRUE(end.alone);
  EXPECT_EQ(end.state, RecipientState::Queued);
  EXPECT_EQ(end.attempts, 2);
  EXPECT_EQ(end.next_attempt, kNow);
}

TEST(Decision, AReplyMaySayWhenToComeAgainAndForHowLong) {
  Verdict later = verdict(Fate::Deferred, Blame::Recipient);
  later.retry_in = minutes(20);
  EXPECT_EQ(after(later).next_attempt, kNow + minutes(20));
  EXPECT_EQ(after(later, 5).next_attempt, kNow + minutes(32));

  later.retry_for = minutes(29);
  EXPECT_EQ(after(later).state, RecipientState::Failed);
  later.retry_for = minutes(31);
  EXPECT_EQ(after(later).state, RecipientState::Queued);
}

TEST(Decision, AnExpiredRecipientFailsWithItsLastWords) {
  RecipientSettlement last;
  last.stage = Stage::RcptTo;
  last.reply = {450, "4.2.1", "mailbox busy"};
  const RecipientSettlement end = decide_expired(tried(9), &last);

  EXPECT_EQ(end.state, RecipientState::Failed);
  EXPECT_EQ(end.attempts, 9);
  EXPECT_EQ(end.stage, Stage::RcptTo);
  EXPECT_EQ(end.reply.text, "mailbox busy");
}

TEST(Decision, AnExpiredRecipientThatNobodyHasWordsForGetsOurs) {
  const RecipientSettlement silent;

  EXPECT_FALSE(decide_expired(tried(0), &silent).reply.text.empty());
  EXPECT_FALSE(decide_expired(tried(0), nullptr).reply.text.empty());
}

TEST(Decision, OnlyAPersonsMessageGetsANotice) {
  Parcel parcel;
  EXPECT_NE(reason_for_silence(parcel), nullptr);  // null sender
  parcel.sender = Mailbox("app", "example.org");
  EXPECT_EQ(reason_for_silence(parcel), nullptr);
  parcel.notice = true;
  EXPECT_NE(reason_for_silence(parcel), nullptr);
  parcel.notice = false;
  parcel.summary.automatic = true;
  EXPECT_NE(reason_for_silence(parcel), nullptr);
}

TEST(Decision, NotifySaysWhetherFailuresAreTold) {
  EXPECT_TRUE(wants_failure_notice({}));
  EXPECT_TRUE(wants_failure_notice({.failure = true, .delay = true}));
  EXPECT_FALSE(wants_failure_notice({.never = true}));
  EXPECT_FALSE(wants_failure_notice({.success = true}));
  EXPECT_FALSE(wants_failure_notice({.delay = true}));
}

TEST(Decision, NotifySaysWhetherDelaysAndSuccessesAreTold) {
  EXPECT_TRUE(wants_delay_notice({}));
  EXPECT_TRUE(wants_delay_notice({.failure = true, .delay = true}));
  EXPECT_FALSE(wants_delay_notice({.failure = true}));
  EXPECT_FALSE(wants_delay_notice({.never = true}));

  EXPECT_TRUE(wants_relay_notice({.success = true}));
  EXPECT_FALSE(wants_relay_notice({}));
  EXPECT_FALSE(wants_relay_notice({.never = true}));
}

TEST(Decision, FailuresAreAlikeByTheirRuleAndTheirCodes) {
  Verdict refused = verdict(Fate::Refused, Blame::Message);
  RecipientSettlement end;
  end.stage = Stage::RcptTo;
  end.reply = {550, "5.1.1", "words that differ"};
  EXPECT_EQ(failure_reason(refused, end), "rcpt 550 5.1.1");
  refused.rule = "recipient-refused";
  EXPECT_EQ(failure_reason(refused, end), "recipient-refused 550 5.1.1");
  refused.rule = kExpiredRule;
  EXPECT_EQ(failure_reason(refused, end), "expired");
  refused.rule = std::string(500, 'x');
  EXPECT_EQ(failure_reason(refused, end).size(), 100u);
}

}  // namespace
}  // namespace mailchute
