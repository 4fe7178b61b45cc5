// A loop for tests: turns until something has happened, and fails instead of hanging.
#pragma once

#include <gtest/gtest.h>

#include <csignal>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "net/handle.h"
#include "net/loop.h"
#include "net/stream.h"

namespace mailchute {

class LoopTest : public testing::Test {
 protected:
  LoopTest() { std::signal(SIGPIPE, SIG_IGN); }  // As main() does first of all.

  /// A name lookup that a thread has taken up outlives who asked. A loop that ends before it leaves its
  /// memory behind, on purpose; here that would look like a leak.
  ~LoopTest() override {
    run_until([&] { return loop_.raw()->active_reqs.count == 0; });
  }

  /// Turns the loop until `done` says so; a failure after ten seconds.
  void run_until(const std::function<bool()>& done) {
    bool expired = false;
    const auto watchdog = loop_.make_alarm();
    watchdog->set(Duration(10'000), [&] { expired = true; });
    // Asked before each sleep: what a timer did in this turn must not wait for the next event.
    const std::function<void()> ask = [&] {
      if (done() || expired) loop_.stop();
    };
    Handle<uv_prepare_t> before_sleep;
    before_sleep.open(const_cast<void*>(static_cast<const void*>(&ask)),
                      [&](uv_prepare_t* raw) { return uv_prepare_init(loop_.raw(), raw); });
    uv_prepare_start(before_sleep.get(), [](uv_prepare_t* raw) {
      if (raw->data) (*static_cast<const std::function<void()>*>(raw->data))();
    });
    loop_.run();
    EXPECT_FALSE(expired) << "nothing came in ten seconds";
  }

  /// Lets everything that is ready happen.
  void settle() {
    for (int turn = 0; turn < 5; ++turn) uv_run(loop_.raw(), UV_RUN_NOWAIT);
  }

  Loop loop_;
};

/// Remembers what a stream said; `on_news` runs after each call.
struct Listener final : StreamUser {
  void on_bytes(std::string_view bytes) override {
    received += bytes;
    if (on_input) on_input();
  }
  void on_end(const StreamEnd& why) override { end = why; }
  void on_drained() override { ++drained; }
  void on_secured(const TlsFacts& agreed) override { facts = agreed; }

  std::string received;
  std::optional<StreamEnd> end;
  std::optional<TlsFacts> facts;
  int drained = 0;
  std::function<void()> on_input;
};

}  // namespace mailchute
