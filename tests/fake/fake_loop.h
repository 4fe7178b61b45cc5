// A loop without a system under it: time stands still until a test turns it, and what is posted runs in
// order, one turn each. Stands for Clock and Alarms at once, because both must tell the same time.
#pragma once

#include <algorithm>
#include <cstddef>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <utility>

#include "base/clock.h"
#include "base/result.h"
#include "base/unique_function.h"

namespace mailchute::fake {

class FakeLoop final : public Clock, public Alarms {
 public:
  /// 2026-03-01T12:00:00Z.
  static constexpr WallTime kStart{Duration{1'772'366'400'000}};

  WallTime wall() const override { return wall_; }
  SteadyTime steady() const override { return steady_; }
  std::unique_ptr<Alarm> make_alarm() override { return std::make_unique<FakeAlarm>(*this); }

  /// Runs `then` in a later turn, as a store's or a socket's callback would come.
  void post(UniqueFunction<void()> then) { posted_.push_back(std::move(then)); }

  /// One posted call or one alarm that is due; false when there is neither.
  bool turn() {
    if (!posted_.empty()) return run_posted();
    if (alarms_.empty() || alarms_.begin()->first.first > steady_) return false;
    fire_first();
    return true;
  }

  /// Turns until nothing is left to do at this moment. A loop that never comes to rest is a busy loop, and
  /// fails.
  void run() {
    for (int turns = 0; turn(); ++turns) CHECK(turns < 1'000'000);
  }

  /// Lets time pass, and fires each alarm at its own moment.
  void advance(Duration by) {
    const SteadyTime end = steady_ + by;
    run();
    while (!alarms_.empty() && alarms_.begin()->first.first <= end) {
      pass_to(alarms_.begin()->first.first);
      run();
    }
    pass_to(end);
    run();
  }

  /// Someone sets the calendar; the steady clock and every alarm stay.
  void jump(Duration by) { wall_ += by; }

  /// Until the next alarm; empty when the loop would sleep for ever.
  std::optional<Duration> next_alarm() const {
    if (alarms_.empty()) return std::nullopt;
    return alarms_.begin()->first.first - steady_;
  }

  /// Alarms that went off so far.
  std::size_t alarms_fired() const { return alarms_fired_; }

  /// Forgets what is posted: the process was killed. Alarms die with their owners.
  void drop_posted() { posted_.clear(); }

 private:
  using Key = std::pair<SteadyTime, std::size_t>;

  class FakeAlarm final : public Alarm {
   public:
    explicit FakeAlarm(FakeLoop& loop) : loop_(loop) {}
    ~FakeAlarm() override { clear(); }

    void set(Duration after, UniqueFunction<void()> then) override {
      clear();
      then_ = std::move(then);
      key_ = Key{loop_.steady_ + std::max(after, Duration{0}), ++loop_.order_};
      loop_.alarms_[*key_] = this;
    }

    void clear() override {
      if (key_) loop_.alarms_.erase(*key_);
      key_.reset();
    }

    UniqueFunction<void()> take() {
      clear();
      return std::move(then_);
    }

   private:
    FakeLoop& loop_;
    UniqueFunction<void()> then_;
    std::optional<Key> key_;
  };

  bool run_posted() {
    UniqueFunction<void()> then = std::move(posted_.front());
    posted_.pop_front();
    then();
    return true;
  }

  void fire_first() {
    ++alarms_fired_;
    UniqueFunction<void()> then = alarms_.begin()->second->take();
    then();
  }

  void pass_to(SteadyTime moment) {
    if (moment <= steady_) return;
    wall_ += moment - steady_;
    steady_ = moment;
  }

  WallTime wall_ = kStart;
  SteadyTime steady_{Duration{1'000'000}};
  std::deque<UniqueFunction<void()>> posted_;
  std::map<Key, FakeAlarm*> alarms_;
  std::size_t order_ = 0;
  std::size_t alarms_fired_ = 0;
};

}  // namespace mailchute::fake
