#include "accept/turns.h"

#include <gtest/gtest.h>

namespace mailchute {
namespace {

constexpr SteadyTime kStart{std::chrono::hours(100)};

TEST(Turns, AFloodDelaysItselfAndNobodyElse) {
  Turns turns;
  for (int i = 0; i < 10; ++i)
    EXPECT_EQ(turns.lead("uid 33", "shop@x", Turns::Urgency::Usual, kStart), Turns::kLead);

  EXPECT_EQ(turns.lead("uid 33", "shop@x", Turns::Urgency::Usual, kStart), Duration::zero());
  EXPECT_EQ(turns.lead("uid 33", "root@x", Turns::Urgency::Usual, kStart), Turns::kLead);
  EXPECT_EQ(turns.lead("uid 0", "shop@x", Turns::Urgency::Usual, kStart), Turns::kLead);
}

TEST(Turns, AFloodWithANewSenderForEachMessageDelaysItselfToo) {
  Turns turns;
  int ahead = 0;
  for (int i = 0; i < 400; ++i)
    if (turns.lead("uid 33", std::to_string(i), Turns::Urgency::Urgent, kStart) > Duration::zero()) ++ahead;

  EXPECT_EQ(ahead, 20);
  EXPECT_EQ(turns.lead("uid 34", "a@x", Turns::Urgency::Usual, kStart), Turns::kLead);
}

TEST(Turns, UrgentMailGoesFirstButNotEndlessly) {
  Turns turns;
  for (int i = 0; i < 10; ++i)
    EXPECT_EQ(turns.lead({}, "a@x", Turns::Urgency::Urgent, kStart), Turns::kUrgentLead);

  EXPECT_EQ(turns.lead({}, "a@x", Turns::Urgency::Urgent, kStart), Duration::zero());
}

TEST(Turns, TurnsComeBackWithTime) {
  Turns turns;
  for (int i = 0; i < 11; ++i) turns.lead({}, "a@x", Turns::Urgency::Usual, kStart);
  const SteadyTime later = kStart + std::chrono::seconds(7);

  EXPECT_EQ(turns.lead({}, "a@x", Turns::Urgency::Usual, later), Turns::kLead);
  EXPECT_EQ(turns.lead({}, "a@x", Turns::Urgency::Usual, later), Duration::zero());
}

TEST(Turns, SendersWithoutNumberAreForgottenRatherThanKept) {
  Turns turns;
  for (std::uint32_t uid = 0; uid < 30'000; ++uid)
    EXPECT_EQ(turns.lead("uid " + std::to_string(uid), "a@x", Turns::Urgency::Usual, kStart), Turns::kLead);
}

}  // namespace
}  // namespace mailchute
