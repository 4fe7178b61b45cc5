#include "schedule/quota.h"

#include <gtest/gtest.h>

namespace mailchute {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr SteadyTime kStart{hours(1000)};

TEST(Quota, WithoutALimitThereIsRoomForEverything) {
  Quota quota(std::nullopt, {});
  quota.spend(1000, kStart);

  EXPECT_FALSE(quota.limited());
  EXPECT_FALSE(quota.held(kStart));
  EXPECT_GT(quota.room(kStart).messages, 1'000'000u);
}

TEST(Quota, TheWindowSlides) {
  Quota quota(Rate{3, minutes(1)}, {});
  quota.spend(1, kStart);
  quota.spend(1, kStart + seconds(30));
  quota.spend(1, kStart + seconds(40));

  ASSERT_TRUE(quota.held(kStart + seconds(50)));
  EXPECT_EQ(quota.held(kStart + seconds(50))->until, kStart + seconds(60));
  EXPECT_EQ(quota.held(kStart + seconds(50))->reason, "3 messages in a minute are used up");
  EXPECT_EQ(quota.room(kStart + seconds(60)).messages, 1u);
  EXPECT_EQ(quota.room(kStart + seconds(90)).messages, 2u);
}

TEST(Quota, MoreThanAllowedIsNeverSentInAnyWindow) {
  Quota quota(Rate{50, minutes(1)}, {});
  std::vector<SteadyTime> sent;
  for (SteadyTime now = kStart; now < kStart + minutes(10); now += Duration(137))
    if (quota.room(now).messages > 0) {
      quota.spend(1, now);
      sent.push_back(now);
    }

  for (std::size_t i = 50; i < sent.size(); ++i) EXPECT_GE(sent[i] - sent[i - 50], minutes(1));
  EXPECT_GT(sent.size(), 450u);
}

TEST(Quota, MessagesAndRecipientsHaveLimitsOfTheirOwn) {
  Quota quota(std::nullopt, {{"messages", {10, hours(24)}}, {"recipients", {100, hours(24)}}});
  quota.spend(98, kStart);

  EXPECT_EQ(quota.room(kStart).messages, 9u);
  EXPECT_EQ(quota.room(kStart).recipients, 2u);
  quota.spend(2, kStart);
  EXPECT_EQ(quota.held(kStart)->reason, "100 recipients in a day are used up");
}

TEST(Quota, ARestartForgetsNothing) {
  const Moment now{WallTime(hours(500'000)), kStart};
  Quota quota(std::nullopt, {{"messages", {10, hours(1)}}});
  quota.restore({{"qq", now.wall - minutes(70), 4, 4}, {"qq", now.wall - minutes(10), 5, 5}}, now);

  EXPECT_EQ(quota.room(now.steady).messages, 5u);
  EXPECT_EQ(quota.room(now.steady + minutes(52)).messages, 10u);
}

TEST(Quota, AMinuteFromTheFutureCountsAsNow) {
  const Moment now{WallTime(hours(500'000)), kStart};
  Quota quota(std::nullopt, {{"messages", {10, hours(1)}}});
  quota.restore({{"qq", now.wall + hours(9000), 10, 10}}, now);

  ASSERT_TRUE(quota.held(now.steady));
  EXPECT_EQ(quota.held(now.steady)->until, now.steady + hours(1));
}

TEST(Quota, NewLimitsKeepWhatWasCounted) {
  Quota old(std::nullopt, {{"messages", {10, hours(1)}}});
  for (int i = 0; i < 8; ++i) old.spend(1, kStart);
  Quota fresh(std::nullopt, {{"messages", {20, hours(1)}}});
  fresh.take_over(old);

  EXPECT_EQ(fresh.room(kStart).messages, 12u);
}

}  // namespace
}  // namespace mailchute
