// Programs that run only in a test's mind: each waits until the test ends it.
#pragma once

#include <deque>
#include <string>
#include <utility>

#include "base/result.h"
#include "net/process.h"

namespace mailchute::fake {

class FakeProcesses final : public ProcessRunner {
 public:
  struct Run {
    ProcessJob job;
    UniqueFunction<void(Result<ProcessEnd>)> then;
  };

  void run(ProcessJob job, UniqueFunction<void(Result<ProcessEnd>)> then) override {
    running.push_back({std::move(job), std::move(then)});
    ++started;
  }

  /// Ends the one that was started first.
  void end(Result<ProcessEnd> how) {
    CHECK(!running.empty());
    Run first = std::move(running.front());
    running.pop_front();
    first.then(std::move(how));
  }
  void end_well(std::string output = {}) {
    ProcessEnd end_of_it;
    end_of_it.output = std::move(output);
    end(std::move(end_of_it));
  }
  void end_badly(int status = 1, std::string complaint = {}) {
    ProcessEnd end_of_it;
    end_of_it.status = status;
    end_of_it.complaints = std::move(complaint);
    end(std::move(end_of_it));
  }

  std::deque<Run> running;
  std::size_t started = 0;
};

}  // namespace mailchute::fake
