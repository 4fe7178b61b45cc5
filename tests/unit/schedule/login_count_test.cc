#include "schedule/login_count.h"

#include <gtest/gtest.h>

#include "fake/fake_loop.h"

namespace mailchute {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

class LoginCountTest : public testing::Test {
 protected:
  Moment now() const { return moment(loop_); }
  Duration due() const { return count_.until_due(loop_.steady()); }
  void refuse(int times) {
    for (int i = 0; i < times; ++i) {
      count_.presented(now());
      count_.refused(now());
      loop_.advance(minutes(1));
    }
  }
  /// As a start takes it up.
  LoginCount again() const {
    LoginCount fresh;
    fresh.restore(count_.kept(), now());
    return fresh;
  }

  fake::FakeLoop loop_;
  LoginCount count_;
};

TEST_F(LoginCountTest, TheSeventhOfAnHourWaitsForTheFirstToBeAnHourAgo) {
  refuse(5);
  EXPECT_EQ(due(), Duration::zero());

  refuse(1);
  EXPECT_EQ(due(), minutes(54));

  loop_.advance(minutes(54));
  EXPECT_EQ(due(), Duration::zero());
  count_.refused(now());
  EXPECT_EQ(due(), minutes(1));
}

TEST_F(LoginCountTest, ALoginThatIsNotAnsweredCountsUntilItIsTaken) {
  refuse(5);
  count_.presented(now());
  EXPECT_GT(due(), Duration::zero());

  count_.taken();
  EXPECT_EQ(due(), Duration::zero());
}

TEST_F(LoginCountTest, OneThatWasPresentedAndRefusedCountsOnce) {
  refuse(5);
  EXPECT_EQ(count_.kept().size(), 5u);
}

TEST_F(LoginCountTest, ARefusalThatNobodyHadAnnouncedCountsToo) {
  for (int i = 0; i < 6; ++i) count_.refused(now());
  EXPECT_EQ(due(), hours(1));
}

TEST_F(LoginCountTest, AStartKnowsAllOfThem) {
  refuse(5);
  count_.presented(now());

  EXPECT_EQ(again().until_due(loop_.steady()), due());
  EXPECT_EQ(again().kept(), count_.kept());
}

TEST_F(LoginCountTest, WhatIsOlderThanAnHourHoldsNobody) {
  refuse(6);
  loop_.advance(hours(3));
  EXPECT_EQ(again().until_due(loop_.steady()), Duration::zero());
}

TEST_F(LoginCountTest, AClockThatWasSetBackMakesThemOnesOfNow) {
  refuse(6);
  loop_.jump(-hours(20));
  EXPECT_EQ(again().until_due(loop_.steady()), hours(1));
}

TEST_F(LoginCountTest, HoweverManyThereAreTheLastSixAreKept) {
  refuse(20);
  for (int i = 0; i < 20; ++i) count_.presented(now());
  EXPECT_EQ(count_.kept().size(), 6u);
  EXPECT_EQ(due(), hours(1));
}

}  // namespace
}  // namespace mailchute
