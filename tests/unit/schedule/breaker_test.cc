#include "schedule/breaker.h"

#include <gtest/gtest.h>

#include "fake/fake_loop.h"

namespace mailchute {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using Change = Breaker::Change;
using Phase = Breaker::Phase;
using Trouble = Breaker::Trouble;

class BreakerTest : public testing::Test {
 protected:
  Moment now() const { return moment(loop_); }
  Phase phase() const { return breaker_.phase(loop_.steady()); }
  std::size_t allowed() const { return breaker_.connections_allowed(loop_.steady()); }
  Change fail(Trouble kind, Stage stage = Stage::Connect) {
    return breaker_.trouble(Pause{kind}, stage, {0, "", "no"}, now(), 0);
  }
  Change refuse_login() {
    return breaker_.trouble(Pause{Trouble::Login}, Stage::Auth, {535, "5.7.8", "no"}, now(), 0);
  }
  Change stumble() { return breaker_.stumbled(Stage::MailFrom, {421, "", "bye"}, now(), 0); }
  Change answer() { return breaker_.answered(loop_.steady()); }
  Change ready() { return breaker_.ready(loop_.steady()); }
  Change refuse_connection() { return fail(Trouble::Connection); }
  void restart() {
    const UpstreamState saved = breaker_.state();
    breaker_ = Breaker("qq", Settings::Cooldown{}, 3);
    breaker_.restore(saved, now());
  }
  Duration cooldown() const { return *breaker_.wakes_at(loop_.steady()) - loop_.steady(); }
  /// Lets the cooldown pass and gives its length.
  Duration sit_out() {
    const Duration length = cooldown();
    loop_.advance(length);
    EXPECT_EQ(phase(), Phase::Probing);
    return length;
  }

  fake::FakeLoop loop_;
  Breaker breaker_{"qq", Settings::Cooldown{}, 3};
};

TEST_F(BreakerTest, BeginsWithOneConnectionAndAddsOneForEachAnswer) {
  EXPECT_EQ(phase(), Phase::Ramp);
  EXPECT_EQ(allowed(), 1u);

  answer();
  EXPECT_EQ(allowed(), 2u);
  answer();
  EXPECT_EQ(allowed(), 3u);
  EXPECT_EQ(phase(), Phase::Flowing);
  answer();
  EXPECT_EQ(allowed(), 3u);
}

TEST_F(BreakerTest, ConnectionTroubleDoublesFromHalfAMinuteToTenMinutes) {
  for (const Duration expected :
       {Duration(seconds(30)), Duration(seconds(60)), Duration(seconds(120)), Duration(seconds(240)),
        Duration(seconds(480)), Duration(minutes(10)), Duration(minutes(10))}) {
    EXPECT_EQ(fail(Trouble::Connection), Change::Cooled);
    EXPECT_EQ(allowed(), 0u);
    EXPECT_EQ(sit_out(), expected);
  }
}

TEST_F(BreakerTest, ARefusedLoginDoublesFromAQuarterOfAnHourToSixHours) {
  for (const int expected : {15, 30, 60, 120, 240, 360, 360}) {
    EXPECT_EQ(refuse_login(), Change::Cooled);
    EXPECT_EQ(sit_out(), minutes(expected));
  }
}

TEST_F(BreakerTest, ALoginThatAPersonTriedOpensTheLadderOfLogins) {
  refuse_login();
  EXPECT_EQ(breaker_.login_taken(loop_.steady()), Change::Recovered);
  EXPECT_EQ(phase(), Phase::Ramp);

  refuse_login();
  EXPECT_EQ(cooldown(), minutes(15));
}

TEST_F(BreakerTest, ALoginThatAPersonTriedShowsThatAConnectionIsPossibleAgain) {
  fail(Trouble::Connection);

  EXPECT_EQ(breaker_.login_taken(loop_.steady()), Change::Recovered);
  EXPECT_EQ(phase(), Phase::Ramp);
}

TEST_F(BreakerTest, ALoginThatAPersonTriedSaysNothingAboutALimit) {
  fail(Trouble::Rate, Stage::FinalDot);

  EXPECT_EQ(breaker_.login_taken(loop_.steady()), Change::None);
  EXPECT_EQ(phase(), Phase::Cooling);
}

TEST_F(BreakerTest, ALoginThatIsTakenWhileNothingIsWrongChangesNothing) {
  answer();
  EXPECT_EQ(breaker_.login_taken(loop_.steady()), Change::None);
  EXPECT_EQ(allowed(), 2u);
}

TEST_F(BreakerTest, ASecretThatIsNotInUseClosesTheLadderWithTheSixthRefusalOfAnHour) {
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(breaker_.other_secret_refused({535, "5.7.8", "no"}, now()), Change::None);
    EXPECT_EQ(allowed(), 1u);
    loop_.advance(minutes(1));
  }

  EXPECT_EQ(breaker_.other_secret_refused({535, "5.7.8", "no"}, now()), Change::Cooled);

  EXPECT_EQ(breaker_.kind(), Trouble::Login);
  EXPECT_EQ(cooldown(), minutes(55));
}

TEST_F(BreakerTest, ARefusedSecretThatIsNotInUseCountsAgainstTheNextOfOurs) {
  for (int i = 0; i < 5; ++i) breaker_.other_secret_refused({535, "5.7.8", "no"}, now());

  refuse_login();

  EXPECT_EQ(cooldown(), minutes(60));
}

TEST_F(BreakerTest, LoginsRestForTheSecretThatWasRefusedAndForNoOther) {
  breaker_.secret("one", now());
  EXPECT_FALSE(breaker_.login_rests("one", loop_.steady()));
  refuse_login();

  EXPECT_TRUE(breaker_.login_rests("one", loop_.steady()));
  EXPECT_TRUE(breaker_.login_rests("", loop_.steady()));
  EXPECT_FALSE(breaker_.login_rests("another", loop_.steady()));
  sit_out();
  EXPECT_FALSE(breaker_.login_rests("one", loop_.steady()));
}

TEST_F(BreakerTest, LoginsDoNotRestForAConnectionThatFailed) {
  fail(Trouble::Connection);
  EXPECT_FALSE(breaker_.login_rests("one", loop_.steady()));
}

TEST_F(BreakerTest, SlowDownBeginsWithTenMinutesAndGrows) {
  for (const int expected : {10, 20, 40}) {
    fail(Trouble::Rate, Stage::FinalDot);
    EXPECT_EQ(sit_out(), minutes(expected));
  }
}

TEST_F(BreakerTest, ACooldownIsLengthenedByATenthAtMost) {
  breaker_.trouble(Pause{Trouble::Connection}, Stage::Connect, {}, now(), ~std::uint64_t{0});
  EXPECT_GT(cooldown(), seconds(30));
  EXPECT_LE(cooldown(), seconds(33));
}

TEST_F(BreakerTest, ConnectionsThatFailTogetherAreOneTrouble) {
  fail(Trouble::Connection);
  EXPECT_EQ(fail(Trouble::Connection), Change::None);
  EXPECT_EQ(fail(Trouble::Connection), Change::None);

  EXPECT_EQ(breaker_.failures(), 1);
  EXPECT_EQ(cooldown(), seconds(30));
}

TEST_F(BreakerTest, ARefusedLoginOutweighsALostConnectionAndNotTheOtherWayRound) {
  fail(Trouble::Connection);
  EXPECT_EQ(refuse_login(), Change::Cooled);
  EXPECT_EQ(cooldown(), minutes(15));

  EXPECT_EQ(fail(Trouble::Connection), Change::None);
  EXPECT_EQ(refuse_login(), Change::None);
  EXPECT_EQ(cooldown(), minutes(15));
}

TEST_F(BreakerTest, ALostConnectionBetweenTwoRefusedLoginsDoesNotResetTheirLadder) {
  refuse_login();
  sit_out();
  fail(Trouble::Connection);
  sit_out();
  refuse_login();

  EXPECT_EQ(cooldown(), minutes(30));
}

TEST_F(BreakerTest, AProbeHasOneConnection) {
  answer();
  answer();
  fail(Trouble::Connection);
  sit_out();

  EXPECT_EQ(allowed(), 1u);
  EXPECT_TRUE(breaker_.usable(loop_.steady()));
}

TEST_F(BreakerTest, AfterASuccessfulProbeItRampsUpAgain) {
  fail(Trouble::Connection);
  sit_out();

  EXPECT_EQ(ready(), Change::Recovered);
  EXPECT_EQ(phase(), Phase::Ramp);
  EXPECT_EQ(allowed(), 1u);
  answer();
  EXPECT_EQ(allowed(), 2u);
}

TEST_F(BreakerTest, AnUpstreamThatLetsUsInAndThenFailsClimbsItsLadder) {
  fail(Trouble::Connection);
  sit_out();
  ready();
  fail(Trouble::Connection, Stage::MailFrom);

  EXPECT_EQ(cooldown(), seconds(60));
}

TEST_F(BreakerTest, AnAnswerTakesTheLadderDown) {
  fail(Trouble::Connection);
  sit_out();
  ready();
  answer();
  fail(Trouble::Connection);

  EXPECT_EQ(cooldown(), seconds(30));
}

TEST_F(BreakerTest, AConnectionThatWorksEndsACooldownForConnections) {
  fail(Trouble::Connection);
  EXPECT_EQ(ready(), Change::Recovered);
  EXPECT_EQ(allowed(), 1u);
}

TEST_F(BreakerTest, AConnectionThatWorksDoesNotEndACooldownForALogin) {
  refuse_login();

  EXPECT_EQ(ready(), Change::None);
  EXPECT_EQ(answer(), Change::None);
  EXPECT_EQ(phase(), Phase::Cooling);
  EXPECT_EQ(breaker_.failures(), 1);
}

TEST_F(BreakerTest, AFewHangUpsAreForgivenAndAThirdInARowIsNot) {
  EXPECT_EQ(stumble(), Change::None);
  EXPECT_EQ(stumble(), Change::None);
  EXPECT_EQ(stumble(), Change::Cooled);
  EXPECT_EQ(breaker_.kind(), Trouble::Connection);
  EXPECT_EQ(breaker_.state().reply.code, 421);
}

TEST_F(BreakerTest, HangUpsWithAnswersBetweenThemAreForgivenForEver) {
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(stumble(), Change::None);
    answer();
  }
}

TEST_F(BreakerTest, AfterACooldownTheNextHangUpIsTroubleAtOnce) {
  for (int i = 0; i < 3; ++i) stumble();
  sit_out();
  ready();

  EXPECT_EQ(stumble(), Change::Cooled);
  EXPECT_EQ(cooldown(), seconds(60));
}

TEST_F(BreakerTest, PausedIsNotUsableWhateverElse) {
  breaker_.pause();
  EXPECT_FALSE(breaker_.usable(loop_.steady()));
  EXPECT_EQ(allowed(), 0u);

  breaker_.resume(now());
  EXPECT_TRUE(breaker_.usable(loop_.steady()));
}

TEST_F(BreakerTest, ResumeEndsACooldownAndItsLadder) {
  refuse_login();
  sit_out();
  refuse_login();
  breaker_.resume(now());
  EXPECT_EQ(allowed(), 1u);

  refuse_login();
  EXPECT_EQ(cooldown(), minutes(15));
}

TEST_F(BreakerTest, AReloadEndsACooldownOfTheConnectionAndNoOther) {
  fail(Trouble::Connection);
  breaker_.reloaded(now());
  EXPECT_EQ(allowed(), 1u);

  for (const Trouble said : {Trouble::Rate, Trouble::Login, Trouble::Quota, Trouble::Person}) {
    fail(said);
    breaker_.reloaded(now());
    EXPECT_EQ(phase(), Phase::Cooling);
    EXPECT_EQ(breaker_.kind(), said);
  }
}

TEST_F(BreakerTest, NoResumeAndNoNewSecretBringsASeventhRefusedLoginWithinTheHour) {
  breaker_.secret("old", now());
  for (int i = 0; i < 6; ++i) {
    EXPECT_EQ(allowed(), 1u);
    refuse_login();
    loop_.advance(minutes(1));
    breaker_.resume(now());
  }

  EXPECT_EQ(phase(), Phase::Cooling);
  EXPECT_EQ(cooldown(), minutes(54));
  EXPECT_EQ(breaker_.kind(), Trouble::Login);
  EXPECT_EQ(breaker_.state().reply.code, 535);
  EXPECT_EQ(breaker_.secret("new", now()), Change::Cooled);
  EXPECT_EQ(cooldown(), minutes(54));
  sit_out();
  EXPECT_EQ(allowed(), 1u);
}

TEST_F(BreakerTest, AfterTheSixthRefusedLoginOneThatIsTakenOpensTheWayAndAReloadLeavesItOpen) {
  for (int i = 0; i < 6; ++i) {
    refuse_login();
    breaker_.resume(now());
  }

  EXPECT_EQ(breaker_.login_taken(loop_.steady()), Change::Recovered);
  breaker_.reloaded(now());
  breaker_.resume(now());

  EXPECT_EQ(allowed(), 1u);
}

TEST_F(BreakerTest, ASecretThatCannotBeReadIsNoLoginThatWasRefused) {
  for (int i = 0; i < 12; ++i) {
    breaker_.unprepared(Stage::Auth, {0, "", "cannot open"}, now(), 0);
    breaker_.reloaded(now());
    EXPECT_EQ(allowed(), 1u);
  }
}

TEST_F(BreakerTest, ANewSecretForgivesARefusedLogin) {
  breaker_.secret("old", now());
  refuse_login();

  EXPECT_EQ(breaker_.secret("old", now()), Change::None);
  EXPECT_EQ(breaker_.secret("", now()), Change::None);
  EXPECT_EQ(phase(), Phase::Cooling);
  EXPECT_EQ(breaker_.secret("new", now()), Change::Recovered);
  EXPECT_EQ(allowed(), 1u);
}

TEST_F(BreakerTest, ANewSecretDoesNotForgiveALostConnection) {
  breaker_.secret("old", now());
  fail(Trouble::Connection);
  EXPECT_EQ(breaker_.secret("new", now()), Change::None);
  EXPECT_EQ(phase(), Phase::Cooling);
}

TEST_F(BreakerTest, ANewSecretForgivesOneThatCouldNotBeRead) {
  breaker_.secret("old", now());
  fail(Trouble::Connection, Stage::Auth);
  EXPECT_EQ(breaker_.secret("new", now()), Change::Recovered);
}

TEST_F(BreakerTest, TheFirstSecretSeenIsNoNewOne) {
  refuse_login();
  EXPECT_EQ(breaker_.secret("seen", now()), Change::None);
  EXPECT_EQ(phase(), Phase::Cooling);
}

TEST_F(BreakerTest, ACooldownSurvivesARestart) {
  breaker_.secret("same", now());
  refuse_login();
  sit_out();
  refuse_login();
  loop_.advance(minutes(10));
  const UpstreamState saved = breaker_.state();
  EXPECT_EQ(saved.trouble, "login");

  Breaker next("qq", Settings::Cooldown{}, 3);
  next.restore(saved, now());
  next.secret("same", now());

  EXPECT_EQ(next.phase(loop_.steady()), Phase::Cooling);
  EXPECT_EQ(*next.wakes_at(loop_.steady()) - loop_.steady(), minutes(20));
  EXPECT_EQ(next.failures(), 2);
  EXPECT_EQ(next.state().reply, saved.reply);
}

TEST_F(BreakerTest, ANewSecretAcrossARestartForgives) {
  breaker_.secret("old", now());
  refuse_login();
  Breaker next("qq", Settings::Cooldown{}, 3);
  next.restore(breaker_.state(), now());

  EXPECT_EQ(next.secret("new", now()), Change::Recovered);
}

TEST_F(BreakerTest, ACooldownThatEndedWhileWeWereDownIsAProbe) {
  fail(Trouble::Connection);
  const UpstreamState saved = breaker_.state();
  loop_.advance(hours(1));

  Breaker next("qq", Settings::Cooldown{}, 3);
  next.restore(saved, now());
  EXPECT_EQ(next.phase(loop_.steady()), Phase::Probing);
}

TEST_F(BreakerTest, ACooldownWrittenUnderAnotherClockIsCut) {
  for (const Trouble kind : {Trouble::Connection, Trouble::Login, Trouble::Quota}) {
    Breaker before("qq", Settings::Cooldown{}, 3);
    before.trouble(Pause{kind}, Stage::Auth, {}, now(), 0);
    const UpstreamState saved = before.state();
    loop_.jump(-hours(24 * 3650));

    Breaker next("qq", Settings::Cooldown{}, 3);
    next.restore(saved, now());
    const Duration most = kind == Trouble::Connection ? Duration(minutes(11)) : Duration(minutes(24 * 66));
    EXPECT_LE(*next.wakes_at(loop_.steady()) - loop_.steady(), most);
  }
}

TEST_F(BreakerTest, APauseOfARuleHasALadderOfItsOwn) {
  const Pause hours_long{Trouble::Rate, hours(1), hours(3)};
  for (const int expected : {1, 2, 3, 3}) {
    EXPECT_EQ(breaker_.trouble(hours_long, Stage::FinalDot, {550, "", "too many"}, now(), 0), Change::Cooled);
    EXPECT_EQ(sit_out(), hours(expected));
  }
}

TEST_F(BreakerTest, APauseWithoutAMaximumDoesNotGrow) {
  for (int i = 0; i < 3; ++i) {
    breaker_.trouble(Pause{Trouble::Rate, minutes(2)}, Stage::FinalDot, {}, now(), 0);
    EXPECT_EQ(sit_out(), minutes(2));
  }
}

TEST_F(BreakerTest, NoRuleKeepsAnUpstreamAwayForMoreThanADay) {
  breaker_.trouble(Pause{Trouble::Person, hours(1000), hours(1000)}, Stage::FinalDot, {}, now(), 0);
  EXPECT_EQ(cooldown(), hours(24));
}

TEST_F(BreakerTest, WhatTheUpstreamItselfAsksForIsTheLeast) {
  Pause pause{Trouble::Rate};
  pause.told = minutes(40);
  breaker_.trouble(pause, Stage::FinalDot, {450, "", "try again in 40 minutes"}, now(), 0);
  EXPECT_EQ(cooldown(), minutes(40));

  pause.told = minutes(90);
  breaker_.trouble(pause, Stage::FinalDot, {450, "", "try again in 90 minutes"}, now(), 0);
  EXPECT_EQ(sit_out(), minutes(90));

  pause.told = minutes(1);
  breaker_.trouble(pause, Stage::FinalDot, {450, "", "try again in 1 minute"}, now(), 0);
  EXPECT_EQ(cooldown(), minutes(20));
}

TEST_F(BreakerTest, AQuotaOfTheDayEndsShortlyAfterTheProvidersMidnight) {
  Pause day{Trouble::Quota};
  day.day_end = hours(8);
  breaker_.trouble(day, Stage::MailFrom, {554, "", "MI:STC"}, now(), 0);

  const auto end = loop_.wall() + cooldown() + hours(8);
  EXPECT_EQ(end - std::chrono::floor<std::chrono::days>(end), minutes(5));
  EXPECT_LE(cooldown(), hours(24) + minutes(5));
}

TEST_F(BreakerTest, AGraverTroubleTakesAMilderOnesPlaceAndNeverEndsEarlier) {
  breaker_.trouble(Pause{Trouble::Rate, hours(10)}, Stage::FinalDot, {}, now(), 0);

  EXPECT_EQ(breaker_.trouble(Pause{Trouble::Person}, Stage::FinalDot, {}, now(), 0), Change::Cooled);
  EXPECT_EQ(breaker_.kind(), Trouble::Person);
  EXPECT_EQ(cooldown(), hours(10));
  EXPECT_EQ(breaker_.trouble(Pause{Trouble::Quota, hours(20)}, Stage::FinalDot, {}, now(), 0), Change::None);
  EXPECT_EQ(cooldown(), hours(10));
}

TEST_F(BreakerTest, RefusedLoginsAreNeverMoreThanSixAnHour) {
  int logins = 0;
  const SteadyTime end = loop_.steady() + hours(1);
  while (loop_.steady() < end) {
    ++logins;
    breaker_.trouble(Pause{Trouble::Connection}, Stage::Auth, {421, "", "go away"}, now(), 0);
    sit_out();
  }
  EXPECT_EQ(logins, 6);
}

TEST_F(BreakerTest, SeveralConnectionsThatFailToLogInTogetherCountEach) {
  for (int i = 0; i < 6; ++i) refuse_login();
  EXPECT_EQ(cooldown(), hours(1));
}

TEST_F(BreakerTest, WhoConfiguresAFasterLadderOfLoginsGetsIt) {
  Settings::Cooldown fast;
  fast.login_first = fast.login_max = seconds(1);
  breaker_.configure(fast, 1);
  for (int i = 0; i < 20; ++i) {
    refuse_login();
    EXPECT_EQ(sit_out(), seconds(1));
  }
}

TEST_F(BreakerTest, ARuleInsistsWhenItSpokeOftenInARow) {
  EXPECT_TRUE(breaker_.insists("slow", 1));
  EXPECT_FALSE(breaker_.insists("spam", 3));
  EXPECT_FALSE(breaker_.insists("spam", 3));
  EXPECT_TRUE(breaker_.insists("spam", 3));

  breaker_.delivered(loop_.wall());
  EXPECT_FALSE(breaker_.insists("spam", 3));
  EXPECT_FALSE(breaker_.insists("other", 3));
  EXPECT_FALSE(breaker_.insists("spam", 2));
}

TEST_F(BreakerTest, EveryKindSurvivesARestart) {
  for (const Trouble kind :
       {Trouble::Connection, Trouble::Rate, Trouble::Login, Trouble::Quota, Trouble::Person}) {
    Breaker before("qq", Settings::Cooldown{}, 3);
    before.trouble(Pause{kind}, Stage::FinalDot, {}, now(), 0);
    Breaker next("qq", Settings::Cooldown{}, 3);
    next.restore(before.state(), now());
    EXPECT_EQ(next.kind(), kind);
    EXPECT_EQ(next.wakes_at(loop_.steady()), before.wakes_at(loop_.steady()));
  }
}

TEST_F(BreakerTest, AJumpOfTheWallClockNeitherOpensNorFreezesIt) {
  refuse_login();
  loop_.jump(hours(24 * 3650));
  EXPECT_EQ(phase(), Phase::Cooling);
  loop_.jump(-hours(48 * 3650));
  EXPECT_EQ(cooldown(), minutes(15));
}

TEST_F(BreakerTest, PauseAndLadderSurviveARestartToo) {
  breaker_.delivered(loop_.wall());
  fail(Trouble::Connection);
  sit_out();
  ready();
  breaker_.pause();
  const UpstreamState saved = breaker_.state();
  EXPECT_EQ(saved.trouble, "none");

  Breaker next("qq", Settings::Cooldown{}, 3);
  next.restore(saved, now());
  EXPECT_TRUE(next.paused());
  EXPECT_EQ(next.state().last_success, fake::FakeLoop::kStart);
  next.resume(now());
  EXPECT_TRUE(next.usable(loop_.steady()));
}

TEST_F(BreakerTest, NoRestartAndNoResumeBringASeventhRefusedLoginWithinTheHour) {
  for (int i = 0; i < 6; ++i) {
    ASSERT_TRUE(breaker_.usable(loop_.steady())) << i;
    refuse_login();
    loop_.advance(minutes(1));
    restart();
    breaker_.resume(now());
  }

  EXPECT_EQ(allowed(), 0u);
  EXPECT_EQ(cooldown(), minutes(54));
  breaker_.secret("another", now());
  EXPECT_EQ(allowed(), 0u);
  loop_.advance(minutes(54));
  EXPECT_EQ(allowed(), 1u);
}

TEST_F(BreakerTest, ARefusedLoginThatNobodyLivedToHearCountsAtTheNextStart) {
  for (int i = 0; i < 6; ++i) {
    breaker_.login_begins(now());
    UpstreamState saved = breaker_.state();
    saved.trouble = "login";  // As the store says it of a process that ended meanwhile.
    saved.stage = Stage::Auth;
    breaker_ = Breaker("qq", Settings::Cooldown{}, 3);
    EXPECT_EQ(breaker_.restore(saved, now()), i < 5 ? Change::None : Change::Cooled);
  }

  EXPECT_EQ(allowed(), 0u);
  EXPECT_EQ(breaker_.kind(), Trouble::Login);
  EXPECT_EQ(cooldown(), hours(1));
}

TEST_F(BreakerTest, WhereALoginWasTakenAtLastARestartHoldsNobody) {
  for (int i = 0; i < 6; ++i) {
    refuse_login();
    breaker_.resume(now());
  }
  breaker_.login_taken(loop_.steady());

  restart();

  EXPECT_EQ(phase(), Phase::Ramp);
}

TEST_F(BreakerTest, ALoginUnderWayHoldsTheNextAndOpensTheWayWhenItIsTaken) {
  for (int i = 0; i < 5; ++i) {
    refuse_login();
    breaker_.resume(now());
  }
  refuse_connection();
  loop_.advance(cooldown());
  breaker_.login_begins(now());
  breaker_.resume(now());
  EXPECT_EQ(phase(), Phase::Cooling);

  EXPECT_EQ(ready(), Change::Recovered);

  EXPECT_EQ(phase(), Phase::Ramp);
}

TEST_F(BreakerTest, ALoginThatWasNotJudgedDoesNotCount) {
  for (int i = 0; i < 10; ++i) {
    breaker_.login_begins(now());
    breaker_.login_unjudged();
  }
  EXPECT_TRUE(breaker_.state().refused_logins.empty());
}

TEST_F(BreakerTest, TroubleThatIsNotKnownIsTakenForTheMildest) {
  UpstreamState saved;
  saved.trouble = "weather";
  saved.failures = -4;
  saved.cooling_until = loop_.wall() + hours(100);
  breaker_.restore(saved, now());

  EXPECT_EQ(breaker_.kind(), Trouble::Connection);
  EXPECT_LE(cooldown(), minutes(11));
}

TEST_F(BreakerTest, BeginningAgainTakesTheRampBackToOne) {
  answer();
  answer();
  breaker_.begin_again();
  EXPECT_EQ(allowed(), 1u);
}

TEST_F(BreakerTest, NewSettingsCountFromTheNextTrouble) {
  Settings::Cooldown slow;
  slow.connect_first = minutes(5);
  breaker_.configure(slow, 0);
  fail(Trouble::Connection);

  EXPECT_EQ(sit_out(), minutes(5));
  EXPECT_EQ(allowed(), 1u);
}

}  // namespace
}  // namespace mailchute
