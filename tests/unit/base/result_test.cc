#include "base/result.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace mailchute {
namespace {

Result<int> half(int number) {
  if (number % 2 != 0) return fail("cannot halve an odd number", 65);
  return number / 2;
}

Result<int> quarter(int number, int& calls) {
  const int once = TRY(half(number));
  ++calls;
  return TRY(half(once));
}

Result<void> must_be_even(int number) {
  TRY_VOID(half(number));
  return {};
}

Result<std::unique_ptr<int>> owned(bool works) {  // NOLINT: a test's own switch.
  if (!works) return fail("no");
  return std::make_unique<int>(5);
}

Result<int> through_move_only(bool works) {  // NOLINT
  auto pointer = TRY(owned(works));
  return *pointer;
}

TEST(Try, HandsOutTheValueOfASuccess) {
  int calls = 0;

  EXPECT_EQ(quarter(12, calls).value(), 3);
  EXPECT_EQ(calls, 1);
}

TEST(Try, LeavesTheFunctionWithTheSameFailure) {
  int calls = 0;
  const auto failed = quarter(3, calls);

  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().text, "cannot halve an odd number");
  EXPECT_EQ(failed.error().code, 65);
  EXPECT_EQ(calls, 0);
}

TEST(Try, WorksInTheMiddleOfAnExpressionAndForNothing) {
  int calls = 0;

  EXPECT_FALSE(quarter(6, calls));
  EXPECT_EQ(calls, 1);
  EXPECT_TRUE(must_be_even(2));
  EXPECT_EQ(must_be_even(1).error().code, 65);
}

TEST(Try, MovesWhatCannotBeCopied) {
  EXPECT_EQ(through_move_only(true).value(), 5);
  EXPECT_EQ(through_move_only(false).error().text, "no");
}

TEST(Fail, IsAnInternalErrorUnlessItSaysOtherwise) {
  const Result<int> failed = fail("something");

  EXPECT_EQ(failed.error().code, 70);
}

TEST(CheckDeathTest, EndsTheProcessAndNamesTheCondition) {
  EXPECT_DEATH(CHECK(1 + 1 == 3), "internal error: 1 \\+ 1 == 3");
}

}  // namespace
}  // namespace mailchute
