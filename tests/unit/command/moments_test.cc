#include "command/moments.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <ctime>

namespace mailchute {
namespace {

using namespace std::chrono_literals;

WallTime utc(int year, unsigned month, unsigned day, Duration in_day = {}) {
  return WallTime(std::chrono::sys_days(std::chrono::year(year) / month / day)) + in_day;
}

/// A zone for one test.
class Moments : public testing::Test {
 protected:
  void zone(const char* name) {
    ::setenv("TZ", name, 1);
    ::tzset();
  }
  void SetUp() override { zone("UTC0"); }
  void TearDown() override {
    ::unsetenv("TZ");
    ::tzset();
  }

  const WallTime now_ = utc(2026, 11, 19, 14h);  // a Thursday
};

TEST_F(Moments, ADurationIsSoLongAgo) {
  EXPECT_EQ(moment_of("2h", now_), utc(2026, 11, 19, 12h));
  EXPECT_EQ(moment_of("3d", now_), utc(2026, 11, 16, 14h));
}

TEST_F(Moments, ADateMeansTheBeginningOfItsDay) {
  EXPECT_EQ(moment_of("2026-11-17", now_), utc(2026, 11, 17));
  EXPECT_EQ(moment_of("2026-11-17T14:30", now_), utc(2026, 11, 17, 14h + 30min));
  EXPECT_EQ(moment_of("2026-11-17 14:30:05", now_), utc(2026, 11, 17, 14h + 30min + 5s));
  EXPECT_EQ(moment_of("2026-11-17T14:30:05Z", now_), utc(2026, 11, 17, 14h + 30min + 5s));
  EXPECT_EQ(moment_of("yesterday", now_), utc(2026, 11, 18));
}

TEST_F(Moments, DaysAreThoseOfTheZone) {
  zone("CST-8");  // Shanghai
  EXPECT_EQ(moment_of("2026-11-17", now_), utc(2026, 11, 16, 16h));
  EXPECT_EQ(moment_of("2026-11-17T08:00Z", now_), utc(2026, 11, 17, 8h));
  EXPECT_EQ(moment_of("2026-11-17T08:00", now_), utc(2026, 11, 17, 0h));
}

TEST_F(Moments, ADayOfTheWeekIsTheLastOneBeforeToday) {
  EXPECT_EQ(day_of("tuesday", now_)->begins, utc(2026, 11, 17));
  EXPECT_EQ(day_of("Tue", now_)->ends, utc(2026, 11, 18));
  EXPECT_EQ(day_of("friday", now_)->begins, utc(2026, 11, 13));
  EXPECT_EQ(day_of("thursday", now_)->begins, utc(2026, 11, 12));
  EXPECT_EQ(day_of("today", now_)->begins, utc(2026, 11, 19));
}

TEST_F(Moments, ADayHasTwentyFiveHoursWhenTheClockGoesBack) {
  zone("CET-1CEST,M3.5.0,M10.5.0/3");
  const auto day = day_of("2026-10-25", now_);
  ASSERT_TRUE(day);
  EXPECT_EQ(day->ends - day->begins, Duration(25h));
  EXPECT_EQ(day->begins, utc(2026, 10, 24, 22h));
}

TEST_F(Moments, WhatIsNoneIsAUsageErrorThatSaysWhatToWrite) {
  for (const char* text :
       {"", "five", "5", "-5m", "2026-02-30", "2026-13-01", "2026-11-7", "20261117", "2026-11-17T",
        "2026-11-17T25:00", "2026-11-17T14:30x", "2026-11-17X14:30", "tu", "last tuesday", "9999999999"}) {
    const auto moment = moment_of(text, now_);
    ASSERT_FALSE(moment) << text;
    EXPECT_EQ(moment.error().code, 64) << text;
    EXPECT_NE(moment.error().text.find("next: write it like"), std::string::npos) << text;
  }
  EXPECT_EQ(day_of("2h", now_).error().code, 64);
  EXPECT_EQ(day_of("2026-11-17T10:00", now_).error().code, 64);
}

TEST_F(Moments, ATimeOfTodayNeedsNoDate) {
  EXPECT_EQ(local_time(utc(2026, 11, 19, 3h + 5min), now_), "03:05");
  EXPECT_EQ(local_time(utc(2026, 11, 20, 3h + 5min), now_), "2026-11-20 03:05");
}

}  // namespace
}  // namespace mailchute
