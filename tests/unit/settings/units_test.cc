#include "settings/units.h"

#include <gtest/gtest.h>

namespace mailchute {
namespace {

using std::chrono::milliseconds;

TEST(Units, DurationsAreExactInEveryUnit) {
  EXPECT_EQ(*parse_duration("500ms"), milliseconds(500));
  EXPECT_EQ(*parse_duration("30s"), milliseconds(30'000));
  EXPECT_EQ(*parse_duration("5m"), milliseconds(300'000));
  EXPECT_EQ(*parse_duration("2h"), milliseconds(7'200'000));
  EXPECT_EQ(*parse_duration("5d"), milliseconds(432'000'000));
  EXPECT_EQ(*parse_duration("0"), milliseconds(0));
}

TEST(Units, DurationsThatAreNotExactAreRefused) {
  for (const auto text : {"", "5", "-5m", "5 m", "1.5h", "5x", "5M", "m", "1h30m", "0x5s", "1e3s",
                          "99999999999d", "99999999999999999999999s", "+5s", "5s "})
    EXPECT_FALSE(parse_duration(text)) << text;
}

TEST(Units, AWrongCaseOfAUnitIsSuggestedRight) {
  EXPECT_EQ(parse_duration("5H").error().hint, "write 5h");
  EXPECT_EQ(parse_size("10kib").error().hint, "write 10KiB");
}

TEST(Units, ABareLetterOfASizeIsAskedForItsMeaning) {
  EXPECT_EQ(parse_size("10M").error().hint, "write 10MiB or 10MB");
  EXPECT_EQ(parse_size("4g").error().hint, "write 4GiB or 4GB");
}

TEST(Units, SizesKnowDecimalAndBinaryUnits) {
  EXPECT_EQ(*parse_size("10KiB"), 10'240u);
  EXPECT_EQ(*parse_size("25MB"), 25'000'000u);
  EXPECT_EQ(*parse_size("4GiB"), 4ULL << 30);
  EXPECT_EQ(*parse_size("73400320B"), 73'400'320u);
  EXPECT_EQ(*parse_size("0"), 0u);
}

TEST(Units, SizesThatOverflowAreRefused) {
  EXPECT_EQ(*parse_size("8388607TiB"), 8388607ULL << 40);
  EXPECT_FALSE(parse_size("8388608TiB"));
  EXPECT_FALSE(parse_size("18446744073709551616B"));
  EXPECT_FALSE(parse_size("-1B"));
}

TEST(Units, RatesAreACountAndAWindow) {
  EXPECT_EQ(*parse_rate("10/min"), (Rate{10, milliseconds(60'000)}));
  EXPECT_EQ(*parse_rate("500/day"), (Rate{500, milliseconds(86'400'000)}));
  EXPECT_EQ(*parse_rate("3/s"), (Rate{3, milliseconds(1'000)}));
  EXPECT_EQ(*parse_rate("7/hour"), *parse_rate("7/h"));
}

TEST(Units, RatesThatLetNothingThroughOrMeanNothingAreRefused) {
  for (const auto text : {"0/min", "10", "10/", "/min", "10/week", "-1/min", "1.5/min", "10 / min"})
    EXPECT_FALSE(parse_rate(text)) << text;
}

TEST(Units, CountsAndFractionsTakeDecimalDigitsOnly) {
  EXPECT_EQ(*parse_count("1000"), 1000u);
  for (const auto text : {"", "1e3", "0x10", "-1", "+1", "1_000", "1.0", "18446744073709551616"})
    EXPECT_FALSE(parse_count(text)) << text;
  EXPECT_DOUBLE_EQ(*parse_fraction("0.2"), 0.2);
  EXPECT_DOUBLE_EQ(*parse_fraction("2"), 2.0);
  for (const auto text : {"", ".5", "5.", "1e5", "nan", "inf", "-1", "0x1p3", "1,5"})
    EXPECT_FALSE(parse_fraction(text)) << text;
}

TEST(Units, WhatIsFormattedParsesToTheSame) {
  for (const auto ms : {0LL, 1LL, 999LL, 1'000LL, 90'000LL, 3'600'000LL, 432'000'000LL})
    EXPECT_EQ(*parse_duration(format_duration(milliseconds(ms))), milliseconds(ms));
  for (const auto bytes : {0ULL, 1ULL, 1'000ULL, 1'024ULL, 52'428'800ULL, 25'000'000ULL, 4ULL << 30})
    EXPECT_EQ(*parse_size(format_size(bytes)), bytes);
  EXPECT_EQ(format_duration(milliseconds(432'000'000)), "5d");
  EXPECT_EQ(format_size(256ULL << 20), "256MiB");
  EXPECT_EQ(format_rate(Rate{30, milliseconds(60'000)}), "30/min");
  EXPECT_EQ(format_fraction(0.2), "0.2");
}

}  // namespace
}  // namespace mailchute
