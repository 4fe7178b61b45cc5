// Hands alerts to `notify.command`: one run of it at a time, in order, again when it fails, and never more
// waiting than a few. What an alert says is not looked at. Loop thread only.
#pragma once

#include <cstddef>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/lifeline.h"
#include "base/unique_function.h"
#include "net/process.h"

namespace mailchute {

/// The environment of the command, beside PATH, HOME and LANG: MAILCHUTE_EVENT, MAILCHUTE_SEVERITY,
/// MAILCHUTE_UPSTREAM and MAILCHUTE_RESOLVED (`true`, `false`), for scripts that read no JSON.
struct AlertErrand {
  std::string event;               ///< For our own log.
  std::string json;                ///< The command's standard input, without a line's end.
  std::vector<std::string> facts;  ///< `MAILCHUTE_EVENT=...`
};

/// Beyond this many waiting the oldest is dropped: the latest says most.
inline constexpr std::size_t kAlertsWaiting = 32;
/// How long one run may take.
inline constexpr Duration kAlertPatience{30'000};
/// Waits between runs that fail: doubling, from the first to the second.
inline constexpr Duration kAlertRetryFirst{10'000};
inline constexpr Duration kAlertRetryMost{600'000};
/// An alert that could not be handed over for this long is dropped.
inline constexpr Duration kAlertLifetime = std::chrono::hours(24);

class AlertCommand {
 public:
  /// All references must outlive it. An empty command: nothing is run, and nothing waits.
  AlertCommand(ProcessRunner& processes, const Clock& clock, Alarms& alarms,
               std::vector<std::string> command);

  /// Reload. What waits is for the new command, at once.
  void reconfigure(std::vector<std::string> command);

  void hand_over(AlertErrand errand);

  /// Hands over what waits without further patience: the first failure ends it. `done` runs when nothing
  /// waits any more, never from inside the call.
  void shut_down(UniqueFunction<void()> done);

  /// Alerts that were given up, so far.
  std::size_t dropped() const { return dropped_; }

 private:
  struct Waiting {
    AlertErrand errand;
    SteadyTime since{};
  };

  void run_next();
  void ended(const Result<ProcessEnd>& end);
  void failed(const std::string& why);
  void drop_first(const std::string& why);
  void finish_if_done();

  ProcessRunner& processes_;
  const Clock& clock_;
  std::vector<std::string> command_;
  std::deque<Waiting> waiting_;  ///< The first is the one that runs, while one does.
  enum class Life { Idle, Running, Resting } life_ = Life::Idle;
  Duration rest_ = kAlertRetryFirst;
  std::size_t dropped_ = 0;
  UniqueFunction<void()> done_;  ///< Set: shutting down.
  std::unique_ptr<Alarm> alarm_;
  Lifeline lifeline_;
};

}  // namespace mailchute
