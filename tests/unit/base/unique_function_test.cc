#include "base/unique_function.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

namespace mailchute {
namespace {

TEST(UniqueFunction, HoldsACallableThatOwnsMoveOnlyValues) {
  UniqueFunction<int(int)> add = [owned = std::make_unique<int>(40)](int more) { return *owned + more; };

  EXPECT_EQ(add(2), 42);
}

TEST(UniqueFunction, PassesMoveOnlyArgumentsThrough) {
  UniqueFunction<std::unique_ptr<int>(std::unique_ptr<int>)> pass = [](std::unique_ptr<int> value) {
    return value;
  };

  EXPECT_EQ(*pass(std::make_unique<int>(7)), 7);
}

TEST(UniqueFunction, IsEmptyUntilGivenSomethingAndAfterBeingMovedFrom) {
  UniqueFunction<void()> nothing;
  UniqueFunction<void()> also_nothing = nullptr;
  UniqueFunction<void()> something = [] {};
  UniqueFunction<void()> taken = std::move(something);

  EXPECT_FALSE(nothing);
  EXPECT_FALSE(also_nothing);
  EXPECT_FALSE(something);
  EXPECT_TRUE(taken);
}

TEST(UniqueFunction, KeepsStateBetweenCalls) {
  UniqueFunction<int()> count = [n = 0]() mutable { return ++n; };

  count();

  EXPECT_EQ(count(), 2);
}

TEST(UniqueFunction, DestroysWhatItOwnsOnce) {
  auto watched = std::make_shared<int>(0);
  {
    UniqueFunction<void()> holder = [watched] {};
    UniqueFunction<void()> other = std::move(holder);
    EXPECT_EQ(watched.use_count(), 2);
    other = nullptr;
    EXPECT_EQ(watched.use_count(), 1);
  }
  EXPECT_EQ(watched.use_count(), 1);
}

}  // namespace
}  // namespace mailchute
