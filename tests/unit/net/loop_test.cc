#include "net/loop.h"

#include <gtest/gtest.h>

#include <thread>

#include "unit/net/loop_fixture.h"

namespace mailchute {
namespace {

class LoopItself : public LoopTest {};

TEST_F(LoopItself, DeferredWorkRunsAfterTheCallerAndInOrder) {
  std::string order;

  loop_.defer([&] {
    order += 'a';
    loop_.defer([&] { order += 'c'; });
    order += 'b';
  });
  loop_.defer([&] {
    order += 'B';
    loop_.defer([&] { loop_.stop(); });
  });
  order += '0';
  loop_.run();

  EXPECT_EQ(order, "0abBc");
}

TEST_F(LoopItself, RetiredObjectDiesAfterTheCallback) {
  struct Retiree {
    explicit Retiree(bool& gone) : gone_(gone) {}
    ~Retiree() { gone_ = true; }
    bool& gone_;
  };
  bool gone = false;
  bool gone_too_early = false;

  const auto alarm = loop_.make_alarm();
  alarm->set(Duration(0), [&] {
    loop_.retire(std::make_unique<Retiree>(gone));
    gone_too_early = gone;
  });
  run_until([&] { return gone; });

  EXPECT_FALSE(gone_too_early);
}

TEST_F(LoopItself, PostsOfManyThreadsAllArriveOnTheLoopThread) {
  constexpr int kThreads = 4;
  constexpr int kPosts = 500;
  const auto loop_thread = std::this_thread::get_id();
  int arrived = 0;
  bool elsewhere = false;

  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < kPosts; ++n) {
        loop_.post([&] {
          ++arrived;
          elsewhere |= std::this_thread::get_id() != loop_thread;
        });
      }
    });
  }
  run_until([&] { return arrived == kThreads * kPosts; });
  for (auto& thread : threads) thread.join();

  EXPECT_EQ(arrived, kThreads * kPosts);
  EXPECT_FALSE(elsewhere);
}

TEST_F(LoopItself, StopFromAnotherThreadEndsAnIdleLoop) {
  std::thread stopper([&] { loop_.post([&] { loop_.stop(); }); });

  loop_.run();

  stopper.join();
}

TEST_F(LoopItself, IdleLoopHasNothingToDoAndNoTimeout) {
  loop_.defer([] {});
  settle();

  EXPECT_EQ(uv_backend_timeout(loop_.raw()), -1);  // It would sleep until an event comes.
}

TEST(LoopEnd, DestroysWhatNeverRan) {
  auto kept = std::make_shared<int>(1);
  {
    Loop loop;
    loop.defer([kept] {});
    loop.post([kept] {});
    loop.retire(std::make_unique<std::shared_ptr<int>>(kept));
  }

  EXPECT_EQ(kept.use_count(), 1);
}

class LoopAlarm : public LoopTest {};

TEST_F(LoopAlarm, RingsOnceAndNeverInsideSet) {
  int rung = 0;
  const auto alarm = loop_.make_alarm();

  alarm->set(Duration(-5), [&] { ++rung; });
  EXPECT_EQ(rung, 0);
  run_until([&] { return rung > 0; });
  settle();

  EXPECT_EQ(rung, 1);
}

TEST_F(LoopAlarm, SettingAgainReplacesAndClearingSilences) {
  std::string rung;
  const auto replaced = loop_.make_alarm();
  const auto cleared = loop_.make_alarm();

  replaced->set(Duration(0), [&] { rung += "old"; });
  replaced->set(Duration(1), [&] { rung += "new"; });
  cleared->set(Duration(0), [&] { rung += "cleared"; });
  cleared->clear();
  run_until([&] { return !rung.empty(); });

  EXPECT_EQ(rung, "new");
}

TEST_F(LoopAlarm, PutOffItRingsAtItsNewTimeAndOnce) {
  const auto alarm = loop_.make_alarm();
  int early = 0;
  SteadyTime rung{};
  const SystemClock clock;
  alarm->set(Duration(1), [&] { ++early; });
  alarm->set(Duration(5), [&] { ++early; });
  const SteadyTime set = clock.steady();
  alarm->set(Duration(40), [&] {
    rung = clock.steady();
    loop_.stop();
  });

  loop_.run();

  EXPECT_EQ(early, 0);
  EXPECT_GE(rung - set, Duration(39));  // Two clocks, cut to milliseconds.
}

TEST_F(LoopAlarm, BroughtForwardItDoesNotWaitForItsOldTime) {
  const auto alarm = loop_.make_alarm();
  bool rung = false;
  alarm->set(std::chrono::hours(1), [] {});

  alarm->set(Duration(1), [&] {
    rung = true;
    loop_.stop();
  });
  loop_.run();

  EXPECT_TRUE(rung);
}

TEST_F(LoopAlarm, MayBeSetAndDestroyedByItsOwnCallback) {
  int rung = 0;
  auto alarm = loop_.make_alarm();

  alarm->set(Duration(0), [&] {
    ++rung;
    alarm->set(Duration(0), [&] {
      ++rung;
      alarm.reset();
    });
  });
  run_until([&] { return rung == 2; });

  EXPECT_EQ(alarm, nullptr);
}

}  // namespace
}  // namespace mailchute
