#include "command/line_diff.h"

#include <gtest/gtest.h>

namespace mailchute {
namespace {

TEST(LineDiff, NothingForNoChange) { EXPECT_EQ(line_diff("a\nb\n", "a\nb\n"), ""); }

TEST(LineDiff, ANewTextComesWhole) { EXPECT_EQ(line_diff("", "a\nb\n"), "+ a\n+ b\n"); }

TEST(LineDiff, ChangesStandBetweenTwoLinesOfWhatStays) {
  EXPECT_EQ(line_diff("1\n2\n3\n4\n5\n6\n7\n8\n9\n", "1\n2\n3\n4\nfive\n6\n7\n8\n9\n"),
            "  ...\n  3\n  4\n- 5\n+ five\n  6\n  7\n  ...\n");
}

TEST(LineDiff, NothingInALineActsOnTheTerminal) { EXPECT_EQ(line_diff("", "a\x1b[2J\n"), "+ a\\x1b[2J\n"); }

TEST(LineDiff, TooMuchToCompareGoesAndComesWhole) {
  std::string before;
  std::string after;
  for (int i = 0; i < 2100; ++i) {
    before += std::to_string(i) + "\n";
    after += std::to_string(i + 1) + "\n";
  }

  EXPECT_TRUE(line_diff(before, after).starts_with("- 0\n- 1\n"));
}

}  // namespace
}  // namespace mailchute
