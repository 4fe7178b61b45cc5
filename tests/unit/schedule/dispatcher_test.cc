#include "schedule/dispatcher.h"

#include "unit/schedule/dispatcher_fixture.h"

namespace mailchute {
namespace {

using std::chrono::hours;
using State = UpstreamStatus::State;

TEST_F(DispatcherTest, NewMailGoesToItsUpstreamAtOnce) {
  start();
  const MessageId id = accept();

  ASSERT_EQ(qq_->held.size(), 1u);
  EXPECT_EQ(qq_->held.front().id, id);
  EXPECT_EQ(state(id), RecipientState::Sending);
}

TEST_F(DispatcherTest, MailThatWaitedBeforeTheStartIsSent) {
  put();
  start();
  EXPECT_EQ(qq_->held.size(), 1u);
}

TEST_F(DispatcherTest, NothingIsClaimedBeforeTheStart) {
  put();
  queue_.announce();
  loop_.run();
  EXPECT_EQ(queue_.claims, 0u);
}

TEST_F(DispatcherTest, WhatCameBackIsSettled) {
  start();
  const MessageId id = accept();
  delivers(*qq_);

  EXPECT_EQ(state(id), RecipientState::Delivered);
  EXPECT_EQ(settling_.attempts, 1u);
}

TEST_F(DispatcherTest, AnIdleDaemonDoesNotWakeUp) {
  start();
  accept();
  delivers(*qq_);
  loop_.advance(hours(24 * 6));  // the expiry checks of what was there are over
  const std::size_t claims = queue_.claims;
  const std::size_t alarms = loop_.alarms_fired();

  loop_.advance(hours(24 * 365));

  EXPECT_EQ(queue_.claims, claims);
  EXPECT_EQ(loop_.alarms_fired(), alarms);
  EXPECT_FALSE(loop_.next_alarm());
}

TEST_F(DispatcherTest, WaitingForAnOutageToEndCostsNoClaims) {
  start();
  for (int i = 0; i < 50; ++i) put();
  accept();
  qq_->refuse_login();
  loop_.run();
  const std::size_t claims = queue_.claims;

  loop_.advance(minutes(14));

  EXPECT_EQ(queue_.claims, claims);
}

TEST_F(DispatcherTest, NoMoreIsClaimedThanTheCourierHasRoomFor) {
  start();
  for (int i = 0; i < 10; ++i) put();
  accept();
  EXPECT_EQ(qq_->held.size(), 4u);

  qq_->deliver_one();
  qq_->make_room(4);
  loop_.run();
  EXPECT_EQ(qq_->held.size(), 4u);
  EXPECT_EQ(qq_->delivered_to, 5u);
}

TEST_F(DispatcherTest, ALongQueueDrainsToItsEnd) {
  start();
  for (int i = 0; i < 100; ++i) put(i % 2 == 0 ? "qq" : "office,qq");
  accept();
  for (int turns = 0; turns < 300 && settling_.attempts < 101; ++turns) {
    if (!qq_->held.empty()) delivers(*qq_);
    if (!office_->held.empty()) delivers(*office_);
  }
  EXPECT_EQ(settling_.attempts, 101u);
}

TEST_F(DispatcherTest, ADeferredMessageIsTriedAgainWhenItIsDueAndNotBefore) {
  start();
  const MessageId id = accept();
  qq_->end(deferred(451));
  loop_.run();

  loop_.advance(minutes(5) - Duration{1});
  EXPECT_EQ(state(id), RecipientState::Queued);
  loop_.advance(Duration{1});
  EXPECT_EQ(state(id), RecipientState::Sending);
}

TEST_F(DispatcherTest, APoisonMessageDoesNotHoldUpTheOthers) {
  start();
  const MessageId poison = accept();
  qq_->end(deferred(451));
  const MessageId good = accept();
  delivers(*qq_);

  EXPECT_EQ(state(poison), RecipientState::Queued);
  EXPECT_EQ(state(good), RecipientState::Delivered);
  EXPECT_EQ(status("qq").state, State::Ok);
}

TEST_F(DispatcherTest, ARefusedLoginIsTriedOnceACooldown) {
  start();
  for (int i = 0; i < 20; ++i) put();
  accept();
  qq_->refuse_login();
  loop_.run();
  std::size_t logins = 1;
  for (int hour = 0; hour < 24 * 60; ++hour) {
    loop_.advance(minutes(1));
    if (qq_->held.empty()) continue;
    EXPECT_EQ(qq_->held.size(), 1u);  // a probe is one message
    ++logins;
    qq_->refuse_login();
    loop_.run();
  }
  // 15 m, 30 m, 1 h, 2 h, 4 h, 6 h, 6 h: at most seven more in a day.
  EXPECT_EQ(logins, 8u);
  for (const auto& [id, message] : queue_.messages) {
    EXPECT_EQ(message.rows[0].state, RecipientState::Queued);
    EXPECT_EQ(message.rows[0].attempts, 0);
  }
}

TEST_F(DispatcherTest, NewMailDoesNotShortenACooldown) {
  start();
  accept();
  qq_->refuse_connection();
  loop_.run();
  accept();
  accept();

  EXPECT_TRUE(qq_->held.empty());
  EXPECT_EQ(status("qq").state, State::CoolingDown);
  EXPECT_EQ(status("qq").reason, "connect: connection refused");
  loop_.advance(seconds(33));
  EXPECT_EQ(qq_->held.size(), 1u);
}

TEST_F(DispatcherTest, AfterAProbeTheQueueDrains) {
  start();
  for (int i = 0; i < 9; ++i) put();
  accept();
  qq_->refuse_connection();
  loop_.advance(seconds(33));
  ASSERT_EQ(qq_->held.size(), 1u);
  EXPECT_EQ(qq_->allowed, 1u);

  qq_->become_ready();
  loop_.run();
  EXPECT_EQ(qq_->held.size(), 4u);
  EXPECT_EQ(qq_->allowed, 1u);
  delivers(*qq_);
  EXPECT_EQ(qq_->allowed, 2u);
  EXPECT_EQ(status("qq").state, State::Ok);
}

TEST_F(DispatcherTest, TheSecondUpstreamTakesTheMailOfOneThatCools) {
  start();
  const MessageId id = accept("office,qq");
  ASSERT_EQ(office_->held.size(), 1u);
  office_->refuse_login();
  loop_.run();

  ASSERT_EQ(qq_->held.size(), 1u);
  EXPECT_EQ(qq_->held.front().id, id);
  delivers(*qq_);
  EXPECT_EQ(state(id), RecipientState::Delivered);
}

TEST_F(DispatcherTest, AMessageIsNeverWithTwoUpstreams) {
  start();
  accept("office,qq");
  accept("office,qq");

  EXPECT_EQ(office_->held.size(), 2u);
  EXPECT_TRUE(qq_->held.empty());
}

TEST_F(DispatcherTest, WhileOneMessageProbesTheOthersTakeTheOtherWay) {
  start();
  accept("office,qq");
  office_->refuse_connection();
  loop_.run();
  delivers(*qq_);
  loop_.advance(seconds(33));
  const MessageId first = accept("office,qq");
  const MessageId second = accept("office,qq");

  ASSERT_EQ(office_->held.size(), 1u);
  ASSERT_EQ(qq_->held.size(), 1u);
  EXPECT_EQ(office_->held.front().id, first);
  EXPECT_EQ(qq_->held.front().id, second);
}

TEST_F(DispatcherTest, SlowDownInAReplyPausesTheWholeUpstream) {
  start();
  accept();
  Verdict slow{Fate::Deferred, Blame::Upstream, Stage::FinalDot, {550, "", "Sender frequency limited"}};
  slow.pause = Pause{Pause::Kind::Rate};
  qq_->end(slow);
  const MessageId id = accept();
  EXPECT_EQ(state(id), RecipientState::Queued);

  loop_.advance(minutes(10) - seconds(1));
  EXPECT_TRUE(qq_->held.empty());
  loop_.advance(minutes(1) + seconds(2));
  EXPECT_EQ(qq_->held.size(), 1u);
}

TEST_F(DispatcherTest, AServerThatHangsUpAgainAndAgainIsLeftAlone) {
  start();
  for (int i = 0; i < 3; ++i) {
    accept();
    EXPECT_EQ(status("qq").state, State::Ok);
    qq_->end(deferred(421, Stage::MailFrom, Blame::Upstream));
    loop_.run();
  }
  EXPECT_EQ(status("qq").state, State::CoolingDown);
}

TEST_F(DispatcherTest, ACourierThatReturnsEverythingCausesNoBusyLoop) {
  start();
  accept();
  int returned = 0;
  for (; !qq_->held.empty() && returned < 100; ++returned) {
    qq_->give_back_one();
    loop_.run();
  }
  EXPECT_EQ(returned, 3);
  EXPECT_EQ(status("qq").state, State::CoolingDown);
}

TEST_F(DispatcherTest, AReturnedMessageGoesAgainOverAFreshConnectionWithoutAnAttempt) {
  start();
  const MessageId id = accept();
  qq_->give_back_one();
  loop_.run();

  ASSERT_EQ(qq_->held.size(), 1u);
  delivers(*qq_);
  EXPECT_EQ(state(id), RecipientState::Delivered);
}

TEST_F(DispatcherTest, ACooldownSurvivesARestart) {
  start();
  accept();
  qq_->refuse_login();
  loop_.run();
  const UpstreamState saved = queue_.upstreams.at("qq");
  EXPECT_EQ(saved.trouble, "login");

  dispatcher_ = std::make_unique<Dispatcher>(queue_, loop_, loop_, random_, options_, settling_);
  qq_ = add("qq");
  start({saved});

  EXPECT_TRUE(qq_->held.empty());
  EXPECT_EQ(status("qq").state, State::Down);
  EXPECT_EQ(status("qq").until, saved.cooling_until);
  loop_.advance(minutes(17));
  EXPECT_EQ(qq_->held.size(), 1u);
}

TEST_F(DispatcherTest, ANewSecretEndsTheCooldownOfALogin) {
  start();
  accept();
  qq_->refuse_login();
  loop_.run();

  dispatcher_->secret_changed("qq", "secret");
  loop_.run();
  EXPECT_TRUE(qq_->held.empty());
  dispatcher_->secret_changed("qq", "another");
  loop_.run();
  EXPECT_EQ(qq_->held.size(), 1u);
}

// The code is replaced while a login with the old one is under way, and its refusal comes last.
TEST_F(DispatcherTest, ARefusalOfTheFormerSecretSaysNothingAboutTheNewOne) {
  start();
  accept();
  dispatcher_->secret_changed("qq", "new");
  UpstreamTrouble trouble{UpstreamTrouble::Kind::Login, Stage::Auth, {535, "5.7.8", "no"}};
  trouble.secret_mark = "old";

  dispatcher_->on_trouble("qq", trouble);
  EXPECT_EQ(status("qq").state, State::Ok);

  trouble.secret_mark = "new";
  dispatcher_->on_trouble("qq", trouble);
  EXPECT_EQ(status("qq").state, State::Down);
}

TEST_F(DispatcherTest, ALoginThatAPersonTriedLetsTheMailGoAtOnce) {
  start();
  accept();
  qq_->refuse_login();
  loop_.run();
  EXPECT_EQ(dispatcher_->login_rests_until("qq", "secret"), status("qq").until);
  EXPECT_EQ(dispatcher_->login_rests_until("qq", "another"), std::nullopt);

  dispatcher_->login_taken("qq", "another");
  loop_.run();

  EXPECT_EQ(status("qq").state, State::Ok);
  EXPECT_EQ(qq_->held.size(), 1u);
  EXPECT_EQ(dispatcher_->login_rests_until("qq", "another"), std::nullopt);
}

TEST_F(DispatcherTest, ALoginThatAPersonTriedInVainClosesTheLadder) {
  start();

  dispatcher_->login_refused("qq", "another");
  dispatcher_->on_trouble("qq", {UpstreamTrouble::Kind::Login, Stage::Auth, {535, "5.7.8", "no"}});
  accept();

  EXPECT_EQ(status("qq").state, State::Down);
  EXPECT_TRUE(qq_->held.empty());
  EXPECT_EQ(dispatcher_->login_rests_until("qq", "another"), status("qq").until);
  EXPECT_EQ(queue_.upstreams.at("qq").secret_fingerprint, "another");
}

TEST_F(DispatcherTest, ASecretThatIsNotInUseStopsNoMailUntilItWasRefusedTooOften) {
  start();
  for (int i = 0; i < 5; ++i) dispatcher_->other_secret_refused("qq", {535, "5.7.8", "no"});
  delivers((accept(), *qq_));
  EXPECT_EQ(status("qq").state, State::Ok);

  dispatcher_->other_secret_refused("qq", {535, "5.7.8", "no"});
  accept();

  EXPECT_EQ(status("qq").state, State::Down);
  EXPECT_TRUE(qq_->held.empty());
}

TEST_F(DispatcherTest, PauseStopsNewMailAndResumeLetsItGo) {
  start();
  EXPECT_TRUE(dispatcher_->pause("qq"));
  const MessageId id = accept();
  EXPECT_TRUE(qq_->held.empty());
  EXPECT_EQ(status("qq").state, State::Paused);
  EXPECT_TRUE(queue_.upstreams.at("qq").paused);

  EXPECT_TRUE(dispatcher_->resume("qq"));
  loop_.run();
  ASSERT_EQ(qq_->held.size(), 1u);
  EXPECT_EQ(qq_->held.front().id, id);
  EXPECT_EQ(qq_->secrets_read_again, 1u);
  EXPECT_FALSE(queue_.upstreams.at("qq").paused);
}

TEST_F(DispatcherTest, APausedUpstreamsMailTakesItsOtherWay) {
  start();
  dispatcher_->pause("office");
  accept("office,qq");
  EXPECT_EQ(qq_->held.size(), 1u);
}

TEST_F(DispatcherTest, AnUnknownUpstreamCannotBePaused) {
  EXPECT_FALSE(dispatcher_->pause("nobody"));
  EXPECT_FALSE(dispatcher_->resume("nobody"));
}

TEST_F(DispatcherTest, ReloadDoesNotLogInAgainWhereTheLoginWasRefused) {
  start();
  accept();
  qq_->refuse_login();
  loop_.run();

  dispatcher_->reconfigure(options_);
  loop_.run();

  EXPECT_TRUE(qq_->held.empty());
  EXPECT_EQ(status("qq").state, State::Down);
  EXPECT_EQ(qq_->secrets_read_again, 1u);
}

TEST_F(DispatcherTest, OtherSettingsEndTheRestOfTheirUpstreamAlone) {
  start();
  accept("qq");
  qq_->refuse_login();
  accept("office,qq");
  office_->refuse_login();
  loop_.run();

  dispatcher_->settings_changed("office");
  loop_.run();

  EXPECT_TRUE(qq_->held.empty());
  EXPECT_EQ(office_->held.size(), 1u);
}

TEST_F(DispatcherTest, ReloadEndsWhatCouldNotBeReachedAndBringsNewRoutes) {
  start();
  accept();
  qq_->refuse_connection();
  loop_.run();
  const MessageId id = accept("qq,office");
  EXPECT_EQ(state(id), RecipientState::Queued);

  options_.routes.push_back({"*", "*", {"qq", "office"}});
  dispatcher_->reconfigure(options_);
  loop_.run();

  EXPECT_EQ(state(id), RecipientState::Sending);
  EXPECT_EQ(qq_->held.size(), 2u);
}

TEST_F(DispatcherTest, AReplacedCourierIsKeptUntilItsMailIsBack) {
  start();
  accept();
  bool destroyed = false;
  qq_->on_destroyed = [&destroyed] { destroyed = true; };
  FakeCourier* old = qq_;
  qq_ = add("qq");
  const MessageId id = accept();
  loop_.run();

  EXPECT_TRUE(old->shut);
  EXPECT_FALSE(destroyed);
  ASSERT_EQ(qq_->held.size(), 1u);
  EXPECT_EQ(qq_->held.front().id, id);
  old->deliver_one();
  loop_.run();
  EXPECT_TRUE(destroyed);
  EXPECT_EQ(settling_.attempts, 1u);
}

TEST_F(DispatcherTest, WhatAReplacedCourierReturnsIsNotHeldAgainstTheNewOne) {
  start();
  for (int i = 0; i < 3; ++i) put();
  accept();
  FakeCourier* old = qq_;
  qq_ = add("qq");
  old->give_back_all();
  loop_.run();

  EXPECT_EQ(status("qq").state, State::Ok);
  EXPECT_EQ(qq_->held.size(), 4u);
}

TEST_F(DispatcherTest, MailOfARemovedUpstreamWaitsForAnotherRoute) {
  start();
  dispatcher_->remove("qq");
  loop_.run();
  const MessageId id = accept();

  EXPECT_EQ(state(id), RecipientState::Queued);
  EXPECT_EQ(dispatcher_->status().size(), 1u);
}

TEST_F(DispatcherTest, ShutDownWaitsForEveryParcelAndItsSettlement) {
  start();
  put();
  accept();
  bool done = false;
  dispatcher_->shut_down([&done] { done = true; });
  loop_.run();
  EXPECT_TRUE(qq_->shut);
  EXPECT_FALSE(done);

  qq_->give_back_one();
  loop_.run();
  EXPECT_FALSE(done);
  qq_->deliver_one();
  EXPECT_FALSE(done);
  loop_.run();
  EXPECT_TRUE(done);
  EXPECT_EQ(queue_.row(MessageId{1}).state, RecipientState::Queued);
  EXPECT_EQ(queue_.row(MessageId{2}).state, RecipientState::Delivered);
}

TEST_F(DispatcherTest, ShutDownGivesBackWhatWasClaimedMeanwhile) {
  start();
  const MessageId id = put();
  queue_.announce();
  loop_.turn();
  bool done = false;
  dispatcher_->shut_down([&done] { done = true; });
  EXPECT_FALSE(done);
  loop_.run();

  EXPECT_TRUE(done);
  EXPECT_EQ(state(id), RecipientState::Queued);
}

TEST_F(DispatcherTest, ShutDownOfAnIdleDispatcherIsDoneInATurnOfItsOwn) {
  start();
  bool done = false;
  dispatcher_->shut_down([&done] { done = true; });
  EXPECT_FALSE(done);
  loop_.run();
  EXPECT_TRUE(done);
}

TEST_F(DispatcherTest, AFullDiskIsAskedAgainAfterAWhile) {
  start();
  queue_.set_full("no space");
  const MessageId id = accept();
  const std::size_t claims = queue_.claims;
  loop_.advance(seconds(9));
  EXPECT_EQ(queue_.claims, claims);

  queue_.set_full(std::nullopt);
  loop_.advance(seconds(1));
  EXPECT_EQ(state(id), RecipientState::Sending);
}

TEST_F(DispatcherTest, ABrokenQueueIsAskedNoMore) {
  start();
  queue_.fail_commit();
  accept();
  const std::size_t claims = queue_.claims;
  accept();
  loop_.advance(hours(24 * 10));

  EXPECT_EQ(queue_.claims, claims);
  EXPECT_TRUE(qq_->held.empty());
}

TEST_F(DispatcherTest, MailOfAnUpstreamThatIsDownExpiresAfterItsLifetime) {
  start();
  const MessageId id = accept();
  while (state(id) != RecipientState::Failed && loop_.wall() < fake::FakeLoop::kStart + hours(24 * 6)) {
    if (!qq_->held.empty()) qq_->refuse_connection();
    loop_.advance(seconds(30));
  }
  EXPECT_GE(loop_.wall(), fake::FakeLoop::kStart + options_.lifetime);
  EXPECT_LE(loop_.wall(), fake::FakeLoop::kStart + options_.lifetime + minutes(1));
  ASSERT_EQ(settling_.expired.size(), 1u);
  EXPECT_EQ(queue_.upstreams.at("qq").reply.text, "connection refused");  // What its sender is told.
}

TEST_F(DispatcherTest, ManyThatExpireTogetherAreTakenInGroups) {
  dispatcher_->pause("qq");
  start();
  for (int i = 0; i < 70; ++i) put();
  accept();
  loop_.advance(options_.lifetime + minutes(1));

  EXPECT_EQ(settling_.expired.size(), 71u);
  EXPECT_GE(queue_.expiry_claims, 4u);
  EXPECT_LE(queue_.expiry_claims, 8u);
}

TEST_F(DispatcherTest, MailThatIsOldAtTheStartIsTriedForAnHourFirst) {
  const MessageId id = put();
  loop_.advance(hours(24 * 30));
  start();
  EXPECT_EQ(state(id), RecipientState::Sending);
  qq_->refuse_connection();
  loop_.advance(minutes(59));
  EXPECT_TRUE(settling_.expired.empty());

  for (int i = 0; i < 120 && settling_.expired.empty(); ++i) {
    if (!qq_->held.empty()) qq_->refuse_connection();
    loop_.advance(seconds(30));
  }
  EXPECT_EQ(settling_.expired.size(), 1u);
}

TEST_F(DispatcherTest, AClockTenYearsAheadExpiresNothingBeforeItsTime) {
  start();
  loop_.advance(hours(2));
  dispatcher_->pause("qq");
  accept();
  loop_.jump(hours(24 * 3650));
  accept();
  loop_.advance(options_.lifetime - minutes(1));
  EXPECT_TRUE(settling_.expired.empty());

  loop_.advance(hours(2));
  EXPECT_EQ(settling_.expired.size(), 2u);
}

TEST_F(DispatcherTest, AClockTenYearsBackFreezesNoRetry) {
  start();
  const MessageId id = accept();
  qq_->end(deferred(451));
  loop_.run();
  loop_.jump(-hours(24 * 3650));
  loop_.advance(minutes(5));

  EXPECT_EQ(state(id), RecipientState::Sending);
}

TEST_F(DispatcherTest, ANextAttemptWrittenUnderAnotherClockIsForgotten) {
  const MessageId id = put();
  queue_.row(id).next_attempt = loop_.wall() + hours(24 * 3650);
  start();

  EXPECT_EQ(state(id), RecipientState::Sending);
}

TEST_F(DispatcherTest, MailAcceptedUnderALaterClockIsSentAlsoWhenOtherMailWaits) {
  loop_.jump(hours(24 * 3650));
  const MessageId future = put();
  loop_.jump(-hours(24 * 3650));
  const MessageId other = put();
  queue_.row(other).next_attempt = loop_.wall() + minutes(30);
  start();

  EXPECT_EQ(state(future), RecipientState::Sending);
  EXPECT_EQ(state(other), RecipientState::Queued);
}

TEST_F(DispatcherTest, AJumpForwardIsNoBusyLoopAndMakesDueWhatWaits) {
  start();
  const MessageId id = accept();
  qq_->end(deferred(451));
  loop_.run();
  const std::size_t claims = queue_.claims;
  loop_.jump(hours(1));
  loop_.advance(minutes(5));

  EXPECT_EQ(state(id), RecipientState::Sending);
  EXPECT_LE(queue_.claims, claims + 2);
}

// A machine that has slept: its steady clock stood still.
TEST_F(DispatcherTest, WhatFellDueInTheMachinesSleepGoesWithinAMinuteOfItsWaking) {
  start();
  const MessageId id = accept();
  qq_->end(deferred(451));
  loop_.run();

  loop_.jump(hours(1));
  loop_.advance(seconds(60));

  EXPECT_EQ(state(id), RecipientState::Sending);
}

TEST_F(DispatcherTest, StatusTellsTheLastSuccess) {
  start();
  accept();
  EXPECT_FALSE(status("qq").last_success);
  delivers(*qq_);
  EXPECT_EQ(status("qq").last_success, loop_.wall());
  EXPECT_EQ(queue_.upstreams.at("qq").last_success, loop_.wall());
}

TEST_F(DispatcherTest, ASetupFaultIsCooledLikeAConnectionAndShownAsDown) {
  start();
  accept();
  qq_->fail(UpstreamTrouble::Kind::Setup, Stage::Auth, {0, "", "cannot read the password"});
  loop_.run();

  EXPECT_EQ(status("qq").state, State::Down);
  EXPECT_EQ(status("qq").reason, "auth: cannot read the password");
  loop_.advance(seconds(33));
  EXPECT_EQ(qq_->held.size(), 1u);
}

}  // namespace
}  // namespace mailchute
