#include "schedule/clock_watch.h"

#include <gtest/gtest.h>

#include "fake/fake_loop.h"

namespace mailchute {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr Duration kLifetime = hours(120);
constexpr Duration kTenYears = hours(24 * 3652);

class ClockWatchTest : public testing::Test {
 protected:
  Moment now() const { return moment(loop_); }
  std::optional<WallTime> horizon() const { return watch_.expiry_horizon(now()); }
  Duration observe() { return watch_.observe(now()); }

  fake::FakeLoop loop_;
  ClockWatch watch_{moment(loop_), kLifetime};
};

TEST_F(ClockWatchTest, NothingExpiresInTheFirstHour) {
  loop_.advance(minutes(59));
  EXPECT_FALSE(horizon());
  EXPECT_EQ(watch_.horizon_moves_at(now()), loop_.steady() + minutes(1));

  loop_.advance(minutes(1));
  EXPECT_EQ(horizon(), loop_.wall());
  EXPECT_FALSE(watch_.horizon_moves_at(now()));
}

TEST_F(ClockWatchTest, AShortLifetimeShortensTheSilence) {
  const ClockWatch watch(moment(loop_), seconds(5));
  loop_.advance(seconds(5));
  EXPECT_EQ(watch.expiry_horizon(now()), loop_.wall());
}

TEST_F(ClockWatchTest, PassingTimeAndSmallCorrectionsAreNoJump) {
  loop_.advance(hours(30));
  EXPECT_EQ(observe(), Duration::zero());

  loop_.jump(seconds(59));
  EXPECT_EQ(observe(), Duration::zero());
  loop_.jump(-seconds(59));
  EXPECT_EQ(observe(), Duration::zero());
}

TEST_F(ClockWatchTest, AJumpIsToldOnceAndExactly) {
  loop_.advance(hours(2));
  loop_.jump(kTenYears);

  EXPECT_EQ(observe(), kTenYears);
  EXPECT_EQ(observe(), Duration::zero());
}

TEST_F(ClockWatchTest, AfterAJumpForwardMailKeepsItsWholeLifetime) {
  const WallTime accepted = loop_.wall();
  loop_.advance(hours(2));
  loop_.jump(kTenYears);
  observe();

  EXPECT_EQ(horizon(), loop_.wall() - kTenYears);
  loop_.advance(kLifetime - hours(2) - minutes(1));
  EXPECT_LT(*horizon(), accepted + kLifetime);
}

TEST_F(ClockWatchTest, AJumpForwardIsForgottenAfterOneLifetime) {
  loop_.advance(hours(2));
  loop_.jump(kTenYears);
  observe();
  EXPECT_EQ(watch_.horizon_moves_at(now()), loop_.steady() + kLifetime);

  loop_.advance(kLifetime);
  EXPECT_EQ(horizon(), loop_.wall());
}

TEST_F(ClockWatchTest, AJumpBackUndoesTheJumpForward) {
  loop_.advance(hours(2));
  loop_.jump(kTenYears);
  observe();
  loop_.jump(-kTenYears);

  EXPECT_EQ(observe(), -kTenYears);
  EXPECT_EQ(horizon(), loop_.wall());
}

TEST_F(ClockWatchTest, AJumpBackAloneMovesTheHorizonWithTheClock) {
  loop_.advance(hours(2));
  loop_.jump(-kTenYears);

  EXPECT_EQ(observe(), -kTenYears);
  EXPECT_EQ(horizon(), loop_.wall());
}

TEST_F(ClockWatchTest, AMachineThatSleepsEveryNightStillExpiresMail) {
  loop_.advance(hours(1));
  const WallTime accepted = loop_.wall();
  for (int day = 0; day < 15; ++day) {
    loop_.advance(hours(8));
    loop_.jump(hours(16));
    observe();
  }
  EXPECT_GE(*horizon(), accepted + kLifetime);
}

TEST_F(ClockWatchTest, EndlessJumpsCostNoEndlessMemoryAndEndInExpiry) {
  loop_.advance(hours(1));
  for (int i = 0; i < 1000; ++i) {
    loop_.jump(hours(1));
    EXPECT_EQ(observe(), Duration(hours(1)));
  }
  EXPECT_EQ(horizon(), loop_.wall() - hours(64));
}

}  // namespace
}  // namespace mailchute
