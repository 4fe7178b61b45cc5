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

}  // namespace
}  // namespace mailchute
