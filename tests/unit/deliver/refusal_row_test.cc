#include "deliver/refusal_row.h"

#include <gtest/gtest.h>

#include <string>

#include "deliver/reply_rules.h"

namespace mailchute {
namespace {

/// One message to `recipient`, answered with `reply`.
Attempt answered(const std::string& recipient, Stage stage, Reply reply) {
  Attempt attempt;
  ParcelRecipient to;
  to.recipient.mailbox = Mailbox(recipient, "example.net");
  attempt.parcel.recipients.push_back(to);
  attempt.verdicts.push_back(classify({stage, std::move(reply), stage == Stage::FinalDot}));
  return attempt;
}

class RefusalRowTest : public testing::Test {
 protected:
  Verdict judged(const std::string& recipient, Stage stage, int code, const std::string& text,
                 const std::string& enhanced = "") {
    Attempt attempt = answered(recipient, stage, {code, enhanced, text});
    row_.judge(attempt);
    return attempt.verdicts.front();
  }

  Fate refused(int number, Stage stage = Stage::FinalDot, const std::string& text = "Transaction failed q7") {
    return judged("r" + std::to_string(number), stage, 554, text).fate;
  }

  /// What an answer of this code asks to be kept.
  std::optional<RefusedAlike> told(int number, int code = 554) {
    Attempt attempt =
        answered("r" + std::to_string(number), Stage::FinalDot, {code, "", "Transaction failed q7"});
    row_.judge(attempt);
    return attempt.refused_alike;
  }

  RefusalRow row_;
};

TEST_F(RefusalRowTest, TheSixthRefusalInTheSameWordsIsTheUpstreamsTrouble) {
  for (int i = 0; i < 5; ++i) EXPECT_EQ(refused(i), Fate::Refused);

  const Verdict sixth = judged("another", Stage::FinalDot, 554, "Transaction failed q8");

  EXPECT_EQ(sixth.fate, Fate::Deferred);
  EXPECT_EQ(sixth.blame, Blame::Upstream);
  EXPECT_EQ(sixth.pause, Pause{Pause::Kind::Person});
  EXPECT_EQ(sixth.alert, Alert::First);
  EXPECT_EQ(sixth.reply.code, 554);
  EXPECT_TRUE(explanation(sixth.rule));
  EXPECT_EQ(refused(7), Fate::Deferred);
}

TEST_F(RefusalRowTest, ADeliveryBeginsANewRow) {
  for (int i = 0; i < 5; ++i) refused(i);
  judged("glad", Stage::FinalDot, 250, "ok");
  for (int i = 0; i < 5; ++i) EXPECT_EQ(refused(i), Fate::Refused);
  EXPECT_EQ(refused(5), Fate::Deferred);
}

TEST_F(RefusalRowTest, OtherWordsAnotherCodeOrAnotherStageBeginANewRow) {
  for (int i = 0; i < 5; ++i) refused(i);
  EXPECT_EQ(refused(6, Stage::FinalDot, "Something else altogether"), Fate::Refused);
  EXPECT_EQ(refused(7), Fate::Refused);
  for (int i = 0; i < 5; ++i) refused(i);
  EXPECT_EQ(refused(8, Stage::Data), Fate::Refused);
}

TEST_F(RefusalRowTest, OneRecipientThatIsRefusedAgainAndAgainSaysNothingOfTheOthers) {
  for (int i = 0; i < 20; ++i) EXPECT_EQ(refused(1), Fate::Refused);
}

TEST_F(RefusalRowTest, AMailingToDeadAddressesIsJudgedOneByOne) {
  for (int i = 0; i < 20; ++i) {
    const std::string dead = "dead" + std::to_string(i);
    EXPECT_EQ(judged(dead, Stage::RcptTo, 550, "user unknown").fate, Fate::Refused);
    EXPECT_EQ(judged(dead, Stage::RcptTo, 550, "not here", "5.1.1").fate, Fate::Refused);
    EXPECT_EQ(judged(dead, Stage::RcptTo, 554, "<" + dead + "@EXAMPLE.net>: relay denied").fate,
              Fate::Refused);
  }
}

TEST_F(RefusalRowTest, ContentThatIsRefusedIsJudgedOneByOne) {
  for (int i = 0; i < 20; ++i) {
    const std::string to = "r" + std::to_string(i);
    EXPECT_EQ(judged(to, Stage::FinalDot, 554, "looks like spam").fate, Fate::Refused);
    EXPECT_EQ(judged(to, Stage::FinalDot, 550, "no", "5.6.0").fate, Fate::Refused);
    EXPECT_EQ(judged(to, Stage::MailFrom, 553, "not your own").fate, Fate::Refused);
  }
}

TEST_F(RefusalRowTest, WhatIsKeptOverARestartGoesOnWhereItEnded) {
  RefusedAlike kept;
  for (int i = 0; i < 5; ++i) kept = *told(i);

  row_ = RefusalRow();
  row_.take_up(kept);

  EXPECT_EQ(kept.recipients.size(), 5u);
  EXPECT_EQ(refused(5), Fate::Deferred);
}

TEST_F(RefusalRowTest, OnlyWhatChangesIsToBeKept) {
  EXPECT_FALSE(told(0, 250));
  EXPECT_TRUE(told(0));
  EXPECT_FALSE(told(0));
  EXPECT_EQ(told(0, 250), (RefusedAlike{"final_dot 554 transaction failed", {}}));
  EXPECT_FALSE(told(0, 250));
}

TEST_F(RefusalRowTest, AMessageToManyIsOneWord) {
  Attempt many = answered("r0", Stage::FinalDot, {554, "", "Transaction failed"});
  for (int i = 1; i < 9; ++i) {
    Attempt one = answered("r" + std::to_string(i), Stage::FinalDot, {554, "", "Transaction failed"});
    many.parcel.recipients.push_back(one.parcel.recipients.front());
    many.verdicts.push_back(one.verdicts.front());
  }
  row_.judge(many);

  for (const Verdict& verdict : many.verdicts) EXPECT_EQ(verdict.fate, Fate::Refused);
  for (int i = 20; i < 24; ++i) EXPECT_EQ(refused(i), Fate::Refused);
  EXPECT_EQ(refused(24), Fate::Deferred);
}

}  // namespace
}  // namespace mailchute
