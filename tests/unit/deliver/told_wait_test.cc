#include "deliver/told_wait.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>

namespace mailchute {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

/// 2026-11-26T22:00:00Z
const WallTime kNow{std::chrono::seconds(1795730400)};

std::optional<Duration> told(const std::string& text) { return told_wait({451, "4.7.1", text}, kNow); }

TEST(ToldWait, ATimeThatIsAskedForIsRead) {
  EXPECT_EQ(told("Greylisted, please try again in 5 minutes"), minutes(5));
  EXPECT_EQ(told("Greylisting in action, please come back in 00:04:59"), minutes(4) + seconds(59));
  EXPECT_EQ(told("Too many messages, slow down.\nRetry after 300 seconds."), seconds(300));
  EXPECT_EQ(told("Please wait 90s"), seconds(90));
  EXPECT_EQ(told("Limit of 500 messages in 24 hours: TRY AGAIN LATER, IN 2 HOURS"), hours(2));
}

TEST(ToldWait, ADateWithAZoneIsRead) {
  EXPECT_EQ(told("Domain x recipient limit exceeded, try again after Thu, 26 Nov 2026 23:59:59 GMT"),
            hours(2) - seconds(1));
  EXPECT_EQ(told("blocked until 2026-11-27T01:00:00Z"), hours(3));
  EXPECT_EQ(told("come back at 27 Nov 2026 08:30:00 +0800"), hours(2) + minutes(30));
  EXPECT_EQ(told("That is too much, come back at 2026-11-27T01:00:00Z"), hours(3));
  EXPECT_EQ(told("blocked until 2026-11-27 01:00:00"), std::nullopt);
}

TEST(ToldWait, WhatIsNoWaitIsNotTakenForOne) {
  for (const char* text :
       {"", "ok", "You may send 500 messages in 24 hours", "try again later",
        "4.7.0 Try again later, closing connection.", "try again in 3 days", "try again in 30 hours",
        "wait 0 seconds", "retry in 99999999999999999999 s", "try again after Wed, 25 Nov 2026 23:59:59 GMT",
        "try again after Thu, 31 Dec 2026 23:59:59 GMT", "back off: this server takes 100 connections only",
        "wait 1:2:3", "again 00:00:00",
        "Please try again. Your message of size 30 was not taken within our limit of 60 seconds"})
    EXPECT_EQ(told(text), std::nullopt) << text;
}

TEST(ToldWait, ThePauseOrTheMessageWaitsThatLong) {
  Verdict limited;
  limited.reply = {450, "", "slow down, try again in 40 minutes"};
  limited.pause = Pause{Pause::Kind::Rate};
  heed_told_wait(limited, kNow);
  EXPECT_EQ(limited.pause->told, minutes(40));

  Verdict greylisted;
  greylisted.blame = Blame::Recipient;
  greylisted.reply = {450, "", "try again in 40 minutes"};
  heed_told_wait(greylisted, kNow);
  EXPECT_EQ(greylisted.retry_in, minutes(40));
}

TEST(ToldWait, ARefusalAndWhatNeedsAPersonStayAsTheyAre) {
  Verdict refused;
  refused.fate = Fate::Refused;
  refused.reply = {550, "", "no such user, try again in 40 minutes"};
  heed_told_wait(refused, kNow);
  EXPECT_EQ(refused.retry_in, Duration::zero());

  Verdict blocked;
  blocked.reply = {550, "", "account blocked, try again in 40 minutes"};
  blocked.pause = Pause{Pause::Kind::Person};
  heed_told_wait(blocked, kNow);
  EXPECT_EQ(blocked.pause->told, Duration::zero());
}

}  // namespace
}  // namespace mailchute
