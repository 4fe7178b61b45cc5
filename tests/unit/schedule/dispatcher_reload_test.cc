// A reload in the middle of things: what was claimed before it comes back after it.
#include <gtest/gtest.h>

#include <utility>

#include "unit/schedule/dispatcher_fixture.h"

namespace mailchute {
namespace {

class DispatcherReload : public DispatcherTest {
 protected:
  /// qq is configured no more, and all of its mail goes by office.
  void take_qq_away() {
    options_.routes = {{"*", "*", {"office"}}};
    dispatcher_->reconfigure(options_);
    dispatcher_->remove("qq");
    queue_.reroute(
        {"office"}, "by office",
        [](const std::optional<Mailbox>&, const Mailbox&) { return std::string("office"); },
        [this](const QueueResult<std::size_t>&) { dispatcher_->rerouted(); });
    loop_.run();
  }
};

TEST_F(DispatcherReload, WhatIsDeferredAfterItIsTriedAgainByItsNewRoute) {
  start();
  accept("qq");
  take_qq_away();

  qq_->end(deferred(451));
  loop_.run();
  EXPECT_TRUE(office_->held.empty());
  loop_.advance(minutes(6));

  EXPECT_EQ(office_->held.size(), 1u);
}

TEST_F(DispatcherReload, WhatIsReturnedAfterItGoesByItsNewRouteAtOnce) {
  start();
  accept("qq");
  take_qq_away();

  qq_->give_back_one();
  loop_.run();

  EXPECT_EQ(office_->held.size(), 1u);
}

TEST_F(DispatcherReload, AnUpstreamWithOtherSettingsLosesNoMailToTheNextOfItsRoute) {
  start();
  office_->make_room(0);
  accept("office,qq");

  office_ = add("office");
  loop_.run();

  EXPECT_EQ(office_->held.size(), 1u);
  EXPECT_TRUE(qq_->held.empty());
}

TEST_F(DispatcherReload, WhatAReplacedCourierSentCountsAgainstTheLimit) {
  limit_qq("messages", {2, std::chrono::hours(24)});
  start();
  accept();
  FakeCourier* const old = qq_;
  limit_qq("messages", {2, std::chrono::hours(24)});

  delivers(*old);
  accept();
  accept();

  EXPECT_EQ(qq_->held.size(), 1u);
}

TEST_F(DispatcherReload, AnUpstreamThatWasTakenOutAndPutBackIsAsMuchUsedUpAsBefore) {
  limit_qq("messages", {1, std::chrono::hours(24)});
  start();
  accept();
  delivers(*qq_);

  dispatcher_->remove("qq");
  loop_.run();
  limit_qq("messages", {1, std::chrono::hours(24)});
  accept();

  EXPECT_TRUE(qq_->held.empty());
}

TEST_F(DispatcherReload, TakingAnUpstreamOutAndPuttingItBackIsNoWayToLogInOnceMore) {
  start();
  for (int i = 0; i < 6; ++i) dispatcher_->other_secret_refused("qq", {535, "5.7.8", "no"});
  loop_.run();
  ASSERT_NE(status("qq").state, UpstreamStatus::State::Ok);

  dispatcher_->remove("qq");
  loop_.run();
  qq_ = add("qq");
  dispatcher_->settings_changed("qq");
  accept();

  EXPECT_TRUE(qq_->held.empty());
  loop_.advance(std::chrono::hours(2));
  EXPECT_EQ(qq_->held.size(), 1u);
}

}  // namespace
}  // namespace mailchute
