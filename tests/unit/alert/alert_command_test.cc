#include "alert/alert_command.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "fake/fake_loop.h"
#include "fake/fake_processes.h"

namespace mailchute {
namespace {

using namespace std::chrono_literals;

class Command : public testing::Test {
 protected:
  void hand_over(const std::string& json) { command_.hand_over({"event", json, {"MAILCHUTE_EVENT=event"}}); }
  const ProcessJob& running() { return processes_.running.front().job; }

  bool young_waits_ = false;
  fake::FakeLoop loop_;
  fake::FakeProcesses processes_;
  AlertCommand command_{processes_, loop_, loop_, {"/usr/local/bin/alert", "--now"}};
};

TEST_F(Command, IsRunWithTheEventOnItsInput) {
  hand_over("{\"a\":1}");

  ASSERT_EQ(processes_.running.size(), 1U);
  EXPECT_EQ(running().command, (std::vector<std::string>{"/usr/local/bin/alert", "--now"}));
  EXPECT_EQ(running().input, "{\"a\":1}\n");
  EXPECT_EQ(running().facts, std::vector<std::string>{"MAILCHUTE_EVENT=event"});
  EXPECT_EQ(running().patience, 30s);
}

TEST_F(Command, OneAtATimeInOrder) {
  hand_over("first");
  hand_over("second");
  EXPECT_EQ(processes_.running.size(), 1U);

  processes_.end_well();

  ASSERT_EQ(processes_.running.size(), 1U);
  EXPECT_EQ(running().input, "second\n");
  processes_.end_well();
  EXPECT_TRUE(processes_.running.empty());
  EXPECT_FALSE(loop_.next_alarm());
}

TEST_F(Command, IsRunAgainWhenItFailsLaterEachTime) {
  hand_over("x");
  for (const Duration wait :
       {10'000ms, 20'000ms, 40'000ms, 80'000ms, 160'000ms, 320'000ms, 600'000ms, 600'000ms}) {
    processes_.end_badly();
    EXPECT_TRUE(processes_.running.empty());
    EXPECT_EQ(loop_.next_alarm(), wait);
    loop_.advance(wait);
    ASSERT_EQ(processes_.running.size(), 1U);
    EXPECT_EQ(running().input, "x\n");
  }
}

TEST_F(Command, ASuccessEndsTheWaiting) {
  hand_over("first");
  processes_.end_badly();
  loop_.advance(10s);
  processes_.end_well();
  hand_over("second");
  processes_.end_badly();

  EXPECT_EQ(loop_.next_alarm(), 10s);
}

TEST_F(Command, OneThatCannotBeStartedIsAFailureLikeAnother) {
  hand_over("x");
  processes_.end(fail("cannot run /usr/local/bin/alert: no such file or directory"));

  EXPECT_EQ(loop_.next_alarm(), 10s);
}

TEST_F(Command, AfterADayAnAlertIsGivenUpAndTheNextHasItsTurn) {
  hand_over("old");
  processes_.end_badly();
  while (command_.dropped() == 0) {
    if (loop_.steady() > SteadyTime(Duration{1'000'000}) + 23h && processes_.running.empty() &&
        !std::exchange(young_waits_, true))
      hand_over("young");
    loop_.advance(10min);
    if (!processes_.running.empty()) processes_.end_badly();
  }

  loop_.advance(10min);
  ASSERT_FALSE(processes_.running.empty());
  EXPECT_EQ(running().input, "young\n");
}

TEST_F(Command, BeyondThirtyTwoTheOldestIsDropped) {
  hand_over("running");
  for (int i = 0; i < 34; ++i) hand_over(std::to_string(i));
  EXPECT_EQ(command_.dropped(), 2U);

  processes_.end_well();

  EXPECT_EQ(running().input, "2\n");
}

TEST_F(Command, WithoutACommandNothingIsRunAndNothingWaits) {
  command_.reconfigure({});
  hand_over("x");
  EXPECT_TRUE(processes_.running.empty());

  command_.reconfigure({"/bin/other"});

  EXPECT_TRUE(processes_.running.empty());
}

TEST_F(Command, ANewCommandGetsWhatWaitsAtOnce) {
  hand_over("x");
  processes_.end_badly();

  command_.reconfigure({"/bin/other"});

  ASSERT_EQ(processes_.running.size(), 1U);
  EXPECT_EQ(running().command.front(), "/bin/other");
}

TEST_F(Command, ACommandTakenAwayWhileItRunsLeavesNothingBehind) {
  hand_over("x");
  hand_over("y");
  command_.reconfigure({});
  processes_.end_badly();

  EXPECT_TRUE(processes_.running.empty());
  EXPECT_FALSE(loop_.next_alarm());
}

TEST_F(Command, AtTheEndWhatWaitsIsHandedOverWithoutFurtherPatience) {
  bool done = false;
  hand_over("first");
  hand_over("second");
  command_.shut_down([&] { done = true; });
  processes_.end_well();
  loop_.run();
  EXPECT_FALSE(done);

  processes_.end_badly();
  EXPECT_FALSE(done) << "told from inside the call";
  loop_.run();

  EXPECT_TRUE(done);
  EXPECT_TRUE(processes_.running.empty());
  EXPECT_EQ(command_.dropped(), 1U);
}

TEST_F(Command, WithNothingWaitingTheEndIsAtOnce) {
  bool done = false;
  command_.shut_down([&] { done = true; });
  EXPECT_FALSE(done);
  loop_.run();

  EXPECT_TRUE(done);
}

}  // namespace
}  // namespace mailchute
