// Who holds how much of the queue, and who may hold no more.
#include "store/shares.h"

#include <gtest/gtest.h>

#include <string>

#include "unit/store/queue_fixture.h"

namespace mailchute {
namespace {

constexpr std::uint32_t kAnn = 1000;
constexpr std::uint32_t kBob = 1001;
constexpr std::uint32_t kRoot = 0;

TEST(Shares, NobodyHoldsMoreThanIsLeftForAll) {
  Shares shares;

  shares.change({kAnn, 400});

  EXPECT_FALSE(shares.spent(kAnn, 401));
  EXPECT_TRUE(shares.spent(kAnn, 400));
  EXPECT_FALSE(shares.spent(kBob, 0));
}

TEST(Shares, OneMessageAloneIsNeverTooMuch) {
  Shares shares;
  shares.change({kAnn, 400});

  EXPECT_FALSE(shares.spent(kAnn, 0, 400));
  EXPECT_TRUE(shares.spent(kAnn, 100, 300));
}

TEST(Shares, WhomTheKernelDoesNotNameAreOneUser) {
  Shares shares;
  shares.change({std::nullopt, 200});
  shares.change({std::nullopt, 200});

  EXPECT_TRUE(shares.spent(std::nullopt, 400));
  EXPECT_FALSE(shares.spent(kAnn, 400));
}

TEST(Shares, RootIsNotCounted) {
  Shares shares;

  shares.change({kRoot, 400});

  EXPECT_FALSE(shares.spent(kRoot, 0));
  EXPECT_FALSE(shares.largest());
}

TEST(Shares, TheLargestHolderIsNamed) {
  Shares shares;
  shares.change({kAnn, 400});
  shares.change({kBob, 500});
  shares.change({kBob, -200});

  ASSERT_TRUE(shares.largest());
  EXPECT_EQ(shares.largest()->user, kAnn);
  shares.change({kAnn, -400});
  EXPECT_EQ(shares.largest()->bytes, 300u);
}

class ShareOfTheQueue : public QueueTest {
 protected:
  ShareOfTheQueue() {
    options_.max_bytes = 2 << 20;
    open();
  }

  NewMessage from(std::optional<std::uint32_t> uid) {
    NewMessage made = message();
    made.source.uid = uid;
    return made;
  }

  /// Messages of this size until one is refused; how many were taken.
  int fill(std::optional<std::uint32_t> uid, std::size_t bytes = 50'000) {
    for (int taken = 0; taken < 100; ++taken) {
      const auto result = accept(from(uid), std::string(bytes, 'x'));
      if (result) continue;
      EXPECT_EQ(result.error().kind, QueueFault::Kind::UserShare);
      return taken;
    }
    ADD_FAILURE() << "nobody ever said no";
    return 0;
  }

  void deliver_all() {
    for (auto& parcel : claim({lane(1000)}).parcels)
      ASSERT_TRUE(settle(settlement(parcel, RecipientState::Delivered)));
    drain();
  }
};

TEST_F(ShareOfTheQueue, AFloodOfOneUserLeavesHalfTheQueueToTheOthers) {  // L015
  const int taken = fill(kAnn);

  EXPECT_GE(taken, 15);  // Of 40 that there is room for.
  EXPECT_LE(taken, 20);
  EXPECT_EQ(queue_->admission_of(kAnn), Admission::UserShare);
  EXPECT_EQ(queue_->admission_of(kBob), Admission::Open);
  EXPECT_EQ(queue_->admission_of(kRoot), Admission::Open);
  EXPECT_EQ(queue_->admission(), Admission::Open);
  EXPECT_TRUE(accept(from(kBob)));
  ASSERT_TRUE(queue_->spent_share());
  EXPECT_EQ(queue_->spent_share()->user, kAnn);
}

TEST_F(ShareOfTheQueue, HoweverManyFloodTogetherSomethingIsLeft) {
  for (std::uint32_t uid = 2000; uid < 2004; ++uid) EXPECT_GE(fill(uid, 20'000), 5);

  EXPECT_TRUE(accept(from(kAnn)));
  EXPECT_TRUE(accept(from(std::nullopt)));
}

TEST_F(ShareOfTheQueue, WhatGetsAwayIsGivenBack) {
  fill(kAnn);

  deliver_all();

  EXPECT_EQ(queue_->admission_of(kAnn), Admission::Open);
  EXPECT_FALSE(queue_->spent_share());
  EXPECT_GE(fill(kAnn), 15);
}

TEST_F(ShareOfTheQueue, WhatAnOperatorRemovesIsGivenBack) {
  fill(kAnn);

  operate(Operation::Remove);
  drain();

  EXPECT_EQ(queue_->admission_of(kAnn), Admission::Open);
}

TEST_F(ShareOfTheQueue, ItOutlivesARestart) {
  fill(kAnn);

  reopen();

  EXPECT_EQ(queue_->admission_of(kAnn), Admission::UserShare);
  EXPECT_EQ(queue_->admission_of(kBob), Admission::Open);
}

TEST_F(ShareOfTheQueue, RootMayFillTheQueue) {
  for (int i = 0; i < 25; ++i) EXPECT_TRUE(accept(from(kRoot), std::string(50'000, 'x')));
}

TEST_F(ShareOfTheQueue, ManyRecipientsCountToo) {
  std::vector<std::string> takers;
  for (int i = 0; i < 500; ++i) takers.push_back("r" + std::to_string(i) + "@example.org");
  int taken = 0;
  while (taken < 50 && accept(message(takers), "x\r\n")) ++taken;

  EXPECT_LT(taken, 8);
  EXPECT_EQ(queue_->admission_of(kAnn), Admission::UserShare);
}

TEST_F(ShareOfTheQueue, WhatIsOnItsWayInCountsAndIsRefusedWithoutATrace) {
  std::vector<std::unique_ptr<Draft>> drafts;
  std::vector<MessageId> ids;
  for (int i = 0; i < 8; ++i) {
    ids.push_back(next_id());
    drafts.push_back(queue_->open(ids.back(), kAnn));
    drafts.back()->append(std::string(400'000, 'x'));
    drain();
  }

  NewMessage last = from(kAnn);
  last.id = ids.back();
  const auto result = ask<void>([&](auto then) { drafts.back()->commit(std::move(last), std::move(then)); });
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, QueueFault::Kind::UserShare);
  drafts.clear();
  drain();
  EXPECT_EQ(count("SELECT count(*) FROM chunk"), 0);
  EXPECT_EQ(queue_->admission_of(kAnn), Admission::Open);
}

TEST_F(ShareOfTheQueue, OneLargeMessageIsTaken) {
  EXPECT_TRUE(accept(from(kAnn), std::string(1'500'000, 'x')));
}

}  // namespace
}  // namespace mailchute
