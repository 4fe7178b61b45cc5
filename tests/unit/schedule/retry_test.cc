#include "schedule/retry.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>

#include "fake/fake_random.h"

namespace mailchute {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr std::uint64_t kLowest = 0;
constexpr std::uint64_t kHighest = ~std::uint64_t{0};

Settings::Retry without_jitter() {
  Settings::Retry retry;
  retry.jitter = 0;
  return retry;
}

TEST(Retry, DoublesFromTheFirstDelayUpToTheMaximum) {
  const Settings::Retry retry = without_jitter();

  EXPECT_EQ(retry_delay(retry, 1, kHighest), minutes(1));
  EXPECT_EQ(retry_delay(retry, 2, kHighest), minutes(2));
  EXPECT_EQ(retry_delay(retry, 6, kHighest), minutes(32));
  EXPECT_EQ(retry_delay(retry, 7, kHighest), hours(1));
}

TEST(Retry, CountsThatOverflowStayAtTheMaximum) {
  EXPECT_EQ(retry_delay(without_jitter(), 2'000'000'000, kLowest), hours(1));
}

TEST(Retry, ACountOfNoneIsTakenForOne) { EXPECT_EQ(retry_delay(without_jitter(), 0, kLowest), minutes(1)); }

TEST(Retry, JitterSpreadsBothWaysAndIncludesItsBounds) {
  Settings::Retry retry;
  retry.jitter = 0.2;

  EXPECT_EQ(retry_delay(retry, 1, kLowest), seconds(48));
  EXPECT_NEAR(static_cast<double>(retry_delay(retry, 1, kHighest).count()), 72'000, 1);
}

TEST(Retry, EveryDelayLiesBetweenItsBounds) {
  Settings::Retry retry;
  fake::FakeRandom random(7);

  for (int attempts = 1; attempts < 2000; ++attempts) {
    const Duration delay = retry_delay(retry, attempts, random.next());
    EXPECT_GE(delay, seconds(48));
    EXPECT_LE(delay, retry_delay_max(retry));
  }
}

TEST(Retry, TheLongestDelayCountsTheJitter) {
  Settings::Retry retry;
  retry.jitter = 0.5;
  EXPECT_EQ(retry_delay_max(retry), minutes(90));
}

TEST(Retry, NonsenseInTheSettingsIsNoTightLoop) {
  Settings::Retry retry;
  retry.first = Duration{0};
  retry.max = Duration{0};
  retry.factor = 0;
  retry.jitter = 7;

  EXPECT_EQ(retry_delay(retry, 1, kLowest), seconds(1));
  EXPECT_EQ(retry_delay(retry, 50, kHighest), seconds(1));
}

}  // namespace
}  // namespace mailchute
