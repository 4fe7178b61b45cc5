// Rates and quotas, and mail that only one upstream of its route may carry.
#include "unit/schedule/dispatcher_fixture.h"

namespace mailchute {
namespace {

TEST_F(DispatcherTest, ALimitHoldsTheRestBackUntilItsWindowOpens) {
  limit_qq("messages", {3, minutes(1)});
  for (int i = 0; i < 8; ++i) put();
  start();

  ASSERT_EQ(qq_->held.size(), 3u);
  for (int i = 0; i < 3; ++i) delivers(*qq_);
  EXPECT_EQ(qq_->delivered_to, 3u);
  EXPECT_EQ(status("qq").state, UpstreamStatus::State::CoolingDown);
  EXPECT_EQ(status("qq").reason, "quota: 3 messages in a minute are used up");

  loop_.advance(minutes(1) + seconds(1));
  EXPECT_EQ(qq_->delivered_to, 6u);
}

TEST_F(DispatcherTest, ALimitOfRecipientsCountsThemAll) {
  limit_qq("recipients", {2, minutes(60)});
  for (int i = 0; i < 4; ++i) put();
  start();

  while (!qq_->held.empty()) delivers(*qq_);

  EXPECT_EQ(qq_->delivered_to, 2u);
}

TEST_F(DispatcherTest, WhatWasSentBeforeARestartStillCounts) {
  limit_qq("messages", {3, minutes(60)});
  spendings_.push_back({"qq", loop_.wall() - minutes(10), 2, 2});
  for (int i = 0; i < 4; ++i) put();
  start();

  while (!qq_->held.empty()) delivers(*qq_);

  EXPECT_EQ(qq_->delivered_to, 1u);
}

TEST_F(DispatcherTest, AReloadForgetsNothingThatWasCounted) {
  limit_qq("messages", {1, minutes(60)});
  for (int i = 0; i < 3; ++i) put();
  start();
  delivers(*qq_);

  limit_qq("messages", {2, minutes(60)});
  while (!qq_->held.empty()) delivers(*qq_);

  EXPECT_EQ(qq_->delivered_to, 1u);
}

TEST_F(DispatcherTest, WithALimitThatStaysReachedForLongMailTakesItsOtherWay) {
  UpstreamLimits limited = limits();
  limited.quota["messages"] = {1, minutes(60)};
  auto courier = std::make_unique<FakeCourier>("office", *dispatcher_, 100);
  office_ = courier.get();
  dispatcher_->add("office", std::move(courier), std::move(limited));
  for (int i = 0; i < 2; ++i) put("office,qq");
  start();

  delivers(*office_);

  EXPECT_EQ(office_->delivered_to, 1u);
  EXPECT_EQ(qq_->delivered_to, 1u);
}

TEST_F(DispatcherTest, WhatMayHaveBeenDeliveredByOneUpstreamIsSentByNoOther) {
  const MessageId id = put("office,qq");
  queue_.row(id).in_doubt = true;
  queue_.row(id).upstream = "office";
  start();
  ASSERT_EQ(office_->delivered_to, 1u);

  office_->refuse_connection();
  loop_.run();
  EXPECT_EQ(qq_->delivered_to, 0u);
  loop_.advance(minutes(2));

  EXPECT_EQ(qq_->delivered_to, 0u);
  EXPECT_EQ(office_->delivered_to, 2u);
}

TEST_F(DispatcherTest, WhatIsBoundToALaterUpstreamOfItsRouteIsNotForgotten) {
  const MessageId id = put("office,qq");
  queue_.row(id).in_doubt = true;
  queue_.row(id).upstream = "qq";
  put("office,qq");
  start();

  EXPECT_EQ(office_->delivered_to, 1u);
  ASSERT_EQ(qq_->delivered_to, 1u);
  EXPECT_EQ(qq_->held.front().id, id);
}

}  // namespace
}  // namespace mailchute
