#include "command/selection.h"

#include <gtest/gtest.h>

#include <chrono>

#include "control/json.h"

namespace mailchute {
namespace {

const WallTime kNow = WallTime(Duration(1'700'000'000'500));

TEST(Filters, BecomeASelection) {
  const QueueFilters filters{.ids = {},
                             .from = "a@*",
                             .to = "*@r.test",
                             .upstream = "qq",
                             .state = "held",
                             .code = 550,
                             .older = "1h",
                             .younger = "2d",
                             .day = ""};

  const auto selection = to_selection(filters, kNow);

  ASSERT_TRUE(selection) << selection.error().text;
  EXPECT_EQ(selection->from, "a@*");
  EXPECT_EQ(selection->to, "*@r.test");
  EXPECT_EQ(selection->upstream, "qq");
  EXPECT_EQ(selection->state, "held");
  EXPECT_EQ(selection->code, 550);
  EXPECT_EQ(selection->received_before, WallTime(std::chrono::seconds(1'700'000'000 - 3'600)));
  EXPECT_EQ(selection->received_after, WallTime(std::chrono::seconds(1'700'000'000 - 2 * 86'400)));
}

TEST(Filters, MeanTheSameOnTheOtherSideOfTheControlSocket) {
  QueueFilters filters;
  filters.older = "90s";

  const auto here = to_selection(filters, kNow);
  const auto there = decode_selection(encode_selection(*here));

  ASSERT_TRUE(there);
  EXPECT_EQ(here->received_before, there->received_before);
}

TEST(Filters, ADurationThatIsNoneIsAUsageErrorThatSaysWhatToWrite) {
  for (const char* text : {"five", "5", "-5m", "5 m", "5m5"}) {
    QueueFilters filters;
    filters.older = text;

    const auto selection = to_selection(filters, kNow);

    ASSERT_FALSE(selection) << text;
    EXPECT_EQ(selection.error().code, 64);
    EXPECT_NE(selection.error().text.find("--older"), std::string::npos);
    EXPECT_NE(selection.error().text.find("next: "), std::string::npos);
  }
}

TEST(Filters, ADayIsNarrowedByTheOtherTwo) {
  QueueFilters filters;
  filters.day = "2023-11-14";
  filters.younger = "2023-11-14T12:00:00Z";

  const auto selection = to_selection(filters, kNow);

  ASSERT_TRUE(selection) << selection.error().text;
  EXPECT_EQ(selection->received_after, WallTime(std::chrono::seconds(1'699'963'200)));
  EXPECT_GT(selection->received_before, selection->received_after);
  EXPECT_TRUE(has_filter(filters));
  filters.day = "someday";
  EXPECT_EQ(to_selection(filters, kNow).error().code, 64);
}

TEST(Filters, ACodeThatNoReplyHasIsAUsageError) {
  QueueFilters filters;
  filters.code = 1000;
  EXPECT_EQ(to_selection(filters, kNow).error().code, 64);
  filters.code = -1;
  EXPECT_EQ(to_selection(filters, kNow).error().code, 64);
  filters.code = 0;  // no reply came
  EXPECT_TRUE(to_selection(filters, kNow));
}

TEST(Filters, AnIdAloneIsNoFilter) {
  QueueFilters filters;
  filters.ids = {"06AB"};
  EXPECT_FALSE(has_filter(filters));
  filters.code = 550;
  EXPECT_TRUE(has_filter(filters));
}

TEST(Filters, AnIdIsLookedUpOnlyWhenItWasNotTypedInFull) {
  EXPECT_EQ(kind_of_id("06AB"), IdKind::Beginning);
  EXPECT_EQ(kind_of_id("06ABCDEFGHJK"), IdKind::Whole);
  EXPECT_EQ(kind_of_id("06abcdefghjk"), IdKind::Whole);
  EXPECT_EQ(kind_of_id("000000000000"), IdKind::Nothing);
  EXPECT_EQ(kind_of_id("not an id"), IdKind::Beginning);
}

SeenMessage message(std::initializer_list<const char*> states) {
  SeenMessage made;
  for (const char* state : states) {
    SeenRecipient recipient;
    recipient.state = state;
    made.recipients.push_back(recipient);
  }
  return made;
}

TEST(Touches, FollowsWhatTheQueueDoes) {
  struct Row {
    std::initializer_list<const char*> states;
    bool retry, hold, release, remove;
  };
  const Row rows[] = {
      {{"queued"}, true, true, false, true},
      {{"uncertain"}, true, true, false, true},
      {{"held"}, false, false, true, true},
      {{"sending"}, false, false, false, false},
      {{"queued", "sending"}, true, false, false, false},
      {{"held", "sending"}, false, false, true, false},
      {{"delivered"}, false, false, false, false},
      {{"failed", "queued"}, true, true, false, true},
      {{}, false, false, false, false},
  };
  for (const Row& row : rows) {
    const SeenMessage seen = message(row.states);
    const std::string name = row.states.size() == 0 ? "none" : *row.states.begin();
    EXPECT_EQ(touches(Operation::Retry, seen), row.retry) << name;
    EXPECT_EQ(touches(Operation::Hold, seen), row.hold) << name;
    EXPECT_EQ(touches(Operation::Release, seen), row.release) << name;
    EXPECT_EQ(touches(Operation::Remove, seen), row.remove) << name;
  }
}

}  // namespace
}  // namespace mailchute
