#include "mail/message_id.h"

#include <gtest/gtest.h>

#include <string>

namespace mailchute {
namespace {

constexpr std::int64_t kHighest = (std::int64_t{1} << 60) - 1;

/// A clock that is turned by hand.
struct HandClock final : Clock {
  WallTime now{std::chrono::seconds(1'772'366'400)};  // 2026-03-01T12:00:00Z
  WallTime wall() const override { return now; }
  SteadyTime steady() const override { return SteadyTime{}; }
};

struct FixedRandom final : Random {
  std::uint64_t value = 0;
  std::uint64_t next() override { return value; }
};

struct MessageIdsTest : ::testing::Test {
  HandClock clock;
  FixedRandom random;
};

TEST(MessageId, TextIsTwelveCharactersThatReadBack) {
  for (const std::int64_t value :
       {std::int64_t{1}, std::int64_t{31}, std::int64_t{32}, std::int64_t{123456789012345678}, kHighest}) {
    const std::string text = MessageId{value}.text();
    EXPECT_EQ(text.size(), 12u);
    EXPECT_EQ(MessageId::parse(text), MessageId{value});
  }
  EXPECT_EQ(MessageId{1}.text(), "000000000001");
  EXPECT_EQ(MessageId{kHighest}.text(), "ZZZZZZZZZZZZ");
}

TEST(MessageId, TextSortsAsTheValueDoes) { EXPECT_LT(MessageId{1023}.text(), MessageId{1024}.text()); }

TEST(MessageId, ReadsEitherCase) { EXPECT_EQ(MessageId::parse("zzzzzzzzzzzz"), MessageId{kHighest}); }

TEST(MessageId, RefusesWhatIsNoId) {
  for (const char* text :
       {"", "0", "000000000000", "00000000001", "0000000000001", "00000000000I", "00000000000L",
        "00000000000O", "00000000000U", "00000000000 ", "0000000000\n1", "-00000000001"})
    EXPECT_FALSE(MessageId::parse(text)) << text;
}

TEST(MessageId, APrefixIsTheRangeOfAllIdsThatBeginWithIt) {
  const auto range = MessageId::prefix("1z");

  ASSERT_TRUE(range);
  EXPECT_EQ(range->first.text(), "1Z0000000000");
  EXPECT_EQ(range->last.text(), "1ZZZZZZZZZZZ");
}

TEST(MessageId, PrefixesOfEveryLength) {
  const std::string text = "1A2B3C4D5E6F";
  for (std::size_t length = 1; length <= text.size(); ++length) {
    const auto range = MessageId::prefix(text.substr(0, length));
    ASSERT_TRUE(range);
    EXPECT_LE(range->first, *MessageId::parse(text));
    EXPECT_GE(range->last, *MessageId::parse(text));
  }
  EXPECT_EQ(MessageId::prefix(text)->first, MessageId::prefix(text)->last);
}

TEST(MessageId, APrefixOfZerosBeginsAtTheFirstId) {
  EXPECT_EQ(MessageId::prefix("0")->first, MessageId{1});
  EXPECT_FALSE(MessageId::prefix("000000000000"));
}

TEST(MessageId, RefusesPrefixesThatAreNone) {
  for (const char* text : {"", "0000000000001", "I", "%", "1 "})
    EXPECT_FALSE(MessageId::prefix(text)) << text;
}

TEST_F(MessageIdsTest, HoldTheTimeInTheUpperBits) {
  random.value = 5;
  MessageIds ids(clock, random, MessageId{0});

  const std::int64_t since_2020 = clock.now.time_since_epoch().count() - 1'577'836'800'000;
  EXPECT_EQ(ids.next().value, (since_2020 << 19) | 5);
}

TEST_F(MessageIdsTest, GrowWithinOneMillisecondWhateverChanceSays) {
  random.value = 0x7FFFF;
  MessageIds ids(clock, random, MessageId{0});

  const MessageId first = ids.next();
  random.value = 0;

  EXPECT_EQ(ids.next().value, first.value + 1);
  EXPECT_EQ(ids.next().value, first.value + 2);
}

TEST_F(MessageIdsTest, GrowWhenTheClockGoesBack) {
  MessageIds ids(clock, random, MessageId{0});
  MessageId last = ids.next();

  for (const auto moment : {WallTime(clock.now - std::chrono::hours(24 * 3650)), WallTime{},
                            WallTime(std::chrono::hours(-1000))}) {
    clock.now = moment;
    const MessageId next = ids.next();
    EXPECT_EQ(next.value, last.value + 1);
    last = next;
  }
}

TEST_F(MessageIdsTest, ContinueAboveTheFloorOfTheStore) {
  MessageIds ids(clock, random, MessageId{kHighest - 10});

  EXPECT_EQ(ids.next().value, kHighest - 9);
}

TEST_F(MessageIdsTest, AClockFarInTheFutureUsesUpNothing) {
  MessageIds ids(clock, random, MessageId{41});
  clock.now = WallTime(std::chrono::hours(24 * 366 * 200));

  EXPECT_EQ(ids.next().value, 42);
}

TEST_F(MessageIdsTest, OfAClockBeforeTheEpochAreStillPositive) {
  clock.now = WallTime{};
  MessageIds ids(clock, random, MessageId{0});

  EXPECT_EQ(ids.next().value, 1);
}

}  // namespace
}  // namespace mailchute
