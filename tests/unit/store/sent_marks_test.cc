// Marks of what has been sent whole and is not settled yet.
#include "store/sent_marks.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <string>

namespace mailchute {
namespace {

class SentMarksTest : public testing::Test {
 protected:
  SentMarksTest() {
    std::string pattern = "/tmp/mailchute-marks-XXXXXX";
    folder_ = ::mkdtemp(pattern.data());
  }
  ~SentMarksTest() override { std::filesystem::remove_all(folder_); }

  SentMarks open() {
    auto marks = SentMarks::open(folder_ + "/queue.db");
    if (!marks) ADD_FAILURE() << marks.error().text;
    return std::move(*marks);
  }

  std::string folder_;
};

TEST_F(SentMarksTest, ManyMoreThanThereArePlacesComeAndGo) {
  SentMarks marks = open();
  constexpr std::int64_t kAtOnce = 20;
  constexpr std::int64_t kMessages = 10'000;

  for (std::int64_t id = 1; id <= kMessages; ++id) {
    marks.set(MessageId{id}, 7);
    if (id > kAtOnce) marks.clear(MessageId{id - kAtOnce}, 7);
  }

  const auto left = marks.left();
  ASSERT_EQ(left.size(), static_cast<std::size_t>(kAtOnce));
  for (const auto& mark : left) {
    EXPECT_GT(mark.message, kMessages - kAtOnce);
    EXPECT_EQ(mark.row, 7);
  }
}

TEST_F(SentMarksTest, WhatFindsNoPlaceIsNotMarkedAndEveryPlaceCanBeUsedAgain) {
  SentMarks marks = open();
  std::int64_t last = 0;
  while (marks.left().size() == static_cast<std::size_t>(last)) marks.set(MessageId{++last}, 0);
  const auto full = marks.left().size();

  for (std::int64_t id = 1; id <= last; ++id) marks.clear(MessageId{id}, 0);
  EXPECT_TRUE(marks.left().empty());
  for (std::int64_t id = 1; id <= last; ++id) marks.set(MessageId{id}, 0);

  EXPECT_EQ(marks.left().size(), full);
}

TEST_F(SentMarksTest, TheNextProcessFindsThemUntilTheyAreCleared) {
  {
    SentMarks marks = open();
    marks.set(MessageId{5}, 1);
    marks.set(MessageId{6}, 2);
    marks.clear(MessageId{5}, 1);
  }

  SentMarks marks = open();

  ASSERT_EQ(marks.left().size(), 1u);
  EXPECT_EQ(marks.left()[0], (SentMarks::Mark{6, 2}));
  marks.clear_all();
  EXPECT_TRUE(marks.left().empty());
}

}  // namespace
}  // namespace mailchute
