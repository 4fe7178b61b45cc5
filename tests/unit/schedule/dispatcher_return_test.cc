// What couriers tell, and what of it a start finds again.
#include <gtest/gtest.h>

#include <utility>

#include "unit/schedule/dispatcher_fixture.h"

namespace mailchute {
namespace {

TEST_F(DispatcherTest, ALoginUnderWayCountsAsRefusedForWhoeverStartsAfterAKill) {
  start();
  accept();
  qq_->present_login();

  queue_.restart();
  EXPECT_EQ(queue_.upstreams.at("qq").refused_logins.size(), 1u);
}

TEST_F(DispatcherTest, ALoginThatWasTakenCountsForNobody) {
  start();
  accept();
  qq_->present_login();
  qq_->become_ready();

  queue_.restart();
  EXPECT_TRUE(queue_.upstreams.at("qq").refused_logins.empty());
}

TEST_F(DispatcherTest, EachRefusedLoginIsKeptAndCountsOnce) {
  start();
  accept();
  for (int i = 0; i < 2; ++i) {
    qq_->present_login();
    dispatcher_->on_trouble("qq", {UpstreamTrouble::Kind::Login, Stage::Auth, {535, "5.7.8", "no"}});
    dispatcher_->other_secret_refused("qq", {535, "5.7.8", "no"});
  }
  loop_.run();

  queue_.restart();
  EXPECT_EQ(queue_.upstreams.at("qq").refused_logins.size(), 4u);
}

TEST_F(DispatcherTest, WhatComesBackAfterTheFormerSecretWasRefusedGoesAgainAtOnceWithTheNewOne) {
  start();
  for (int i = 0; i < 3; ++i) put();
  accept();
  dispatcher_->secret_changed("qq", "new");
  UpstreamTrouble trouble{UpstreamTrouble::Kind::Login, Stage::Auth, {535, "5.7.8", "no"}};
  trouble.secret_mark = "old";

  dispatcher_->on_trouble("qq", trouble);
  qq_->give_back_all();
  loop_.run();

  EXPECT_EQ(status("qq").state, UpstreamStatus::State::Ok);
  EXPECT_EQ(qq_->held.size(), 4u);
}

TEST_F(DispatcherTest, ThatAnUpstreamRefusesAllIsKeptAndHandedToTheNextCourier) {
  start();
  accept();
  Attempt attempt = refused_attempt();
  attempt.refused_alike = RefusedAlike{"final_dot 554 no", {"bob@example.net"}};
  const RefusedAlike told = *attempt.refused_alike;

  dispatcher_->on_attempt("qq", std::move(attempt), [] {});
  loop_.run();

  EXPECT_EQ(queue_.upstreams.at("qq").refused_alike, told);
  EXPECT_EQ(add("qq")->refused_alike, told);
}

TEST_F(DispatcherTest, WhatWasKeptOfRefusalsIsTakenUpAtAStart) {
  UpstreamState saved;
  saved.name = "qq";
  saved.refused_alike = {"final_dot 554 no", {"bob@example.net"}};

  start({saved});

  EXPECT_EQ(qq_->refused_alike, saved.refused_alike);
  dispatcher_->pause("qq");
  loop_.run();
  EXPECT_EQ(queue_.upstreams.at("qq").refused_alike, saved.refused_alike);
}

TEST_F(DispatcherTest, WhatOneUpstreamCannotTakeGoesToTheNextAtOnce) {
  start();
  const MessageId id = accept("office,qq");
  ASSERT_EQ(office_->held.size(), 1u);

  office_->end(beyond());
  loop_.run();

  ASSERT_EQ(qq_->held.size(), 1u);
  EXPECT_EQ(qq_->held.front().id, id);
  EXPECT_TRUE(office_->held.empty());
  delivers(*qq_);
  EXPECT_EQ(state(id), RecipientState::Delivered);
}

TEST_F(DispatcherTest, WhatOneUpstreamCannotTakeWaitsForTheOtherHoweverUsableTheFirstIs) {
  start();
  dispatcher_->pause("qq");
  accept("office,qq");
  office_->end(beyond());
  loop_.run();
  loop_.advance(minutes(30));
  EXPECT_TRUE(office_->held.empty());

  dispatcher_->resume("qq");
  loop_.run();

  EXPECT_EQ(qq_->held.size(), 1u);
}

TEST_F(DispatcherTest, AStartKnowsWhatAnUpstreamCannotTake) {
  put("!office,qq");

  start();

  EXPECT_TRUE(office_->held.empty());
  EXPECT_EQ(qq_->held.size(), 1u);
}

TEST_F(DispatcherTest, AReloadKeepsTheWayOfWhatAnUpstreamCannotTake) {
  start();
  dispatcher_->pause("qq");
  accept("office,qq");
  office_->end(beyond());
  loop_.run();

  dispatcher_->reconfigure(options_);
  dispatcher_->resume("qq");
  loop_.run();

  EXPECT_EQ(qq_->held.size(), 1u);
}

}  // namespace
}  // namespace mailchute
