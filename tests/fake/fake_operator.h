// A daemon's operator that remembers what was asked, and answers when the test says so.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "control/operator.h"

namespace mailchute::fake {

class FakeOperator final : public Operator {
 public:
  LiveStatus live_status() override {
    LiveStatus status;
    status.version = "1.2.3";
    return status;
  }
  void operate(Operation what, Selection which,
               UniqueFunction<void(QueueResult<std::size_t>)> then) override {
    operation = what;
    selection = std::move(which);
    operated = std::move(then);
    if (when_operating) when_operating();
  }
  void reload(UniqueFunction<void(ReloadOutcome)> then) override { reloaded = std::move(then); }
  bool pause_upstream(const std::string& name) override {
    paused = name;
    return name == "qq";
  }
  bool resume_upstream(const std::string& name) override {
    resumed = name;
    return name == "qq";
  }
  bool route_once(const std::string& message_id, const std::string& upstream) override {
    expected = message_id + " by " + upstream;
    return upstream == "qq";
  }
  std::optional<LoginRest> login_rest(const std::string& upstream, const LoginTrial& asked) override {
    trial = asked;
    return upstream == "qq" ? std::optional(rest) : std::nullopt;
  }
  bool login_tried(const std::string& upstream, const LoginTrial& tried) override {
    trial = tried;
    return upstream == "qq";
  }

  std::optional<Operation> operation;
  Selection selection;
  UniqueFunction<void(QueueResult<std::size_t>)> operated;
  std::function<void()> when_operating;
  UniqueFunction<void(ReloadOutcome)> reloaded;
  std::string paused;
  std::string resumed;
  std::string expected;
  std::optional<LoginTrial> trial;
  LoginRest rest;
};

}  // namespace mailchute::fake
