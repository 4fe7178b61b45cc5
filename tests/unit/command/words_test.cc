#include "command/words.h"

#include <gtest/gtest.h>

#include <chrono>

namespace mailchute {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

TEST(Words, ADurationForAColumnHasOneUnit) {
  EXPECT_EQ(short_duration(Duration(0)), "0s");
  EXPECT_EQ(short_duration(Duration(-5'000)), "0s");
  EXPECT_EQ(short_duration(Duration(59'999)), "59s");
  EXPECT_EQ(short_duration(seconds(60)), "1m");
  EXPECT_EQ(short_duration(minutes(119)), "1h");
  EXPECT_EQ(short_duration(hours(24 * 400)), "400d");
}

TEST(Words, ADurationForASentenceHasTwoUnitsAtMost) {
  EXPECT_EQ(long_duration(seconds(0)), "0s");
  EXPECT_EQ(long_duration(seconds(90)), "1m");
  EXPECT_EQ(long_duration(hours(3)), "3h");
  EXPECT_EQ(long_duration(hours(3) + minutes(20)), "3h 20m");
  EXPECT_EQ(long_duration(hours(3) + seconds(20)), "3h");
  EXPECT_EQ(long_duration(hours(100) + minutes(59)), "4d 4h");
}

TEST(Words, AnAttemptIsMeasuredFinelyWhenItWasShort) {
  EXPECT_EQ(elapsed(Duration(7)), "7ms");
  EXPECT_EQ(elapsed(Duration(1'470)), "1.4s");
  EXPECT_EQ(elapsed(Duration(12'345)), "12s");
  EXPECT_EQ(elapsed(minutes(5)), "5m");
}

TEST(Words, ASizeFitsFourPlaces) {
  EXPECT_EQ(short_size(0), "0B");
  EXPECT_EQ(short_size(1023), "1023B");
  EXPECT_EQ(short_size(1024), "1.0K");
  EXPECT_EQ(short_size(1536), "1.5K");
  EXPECT_EQ(short_size(15 * 1024), "15K");
  EXPECT_EQ(short_size(1024 * 1024 - 1), "1023K");
  EXPECT_EQ(short_size(50ULL << 20), "50M");
  EXPECT_EQ(short_size(4ULL << 30), "4.0G");
  EXPECT_EQ(short_size(UINT64_MAX), "15E");
}

TEST(Words, OneIsNotPlural) {
  EXPECT_EQ(counted(0, "message"), "0 messages");
  EXPECT_EQ(counted(1, "message"), "1 message");
  EXPECT_EQ(counted(2, "message"), "2 messages");
}

}  // namespace
}  // namespace mailchute
