// Runs other programs: no shell, an environment cut down to what is named, no descriptor but 0 to 2, bounded
// output, and a deadline. Knows nothing of what the program is for. Loop thread only.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/unique_function.h"
#include "net/loop.h"

namespace mailchute {

/// What to run, and how much of it is endured.
struct ProcessJob {
  /// The program and its arguments. A name without a slash is looked for in PATH; the folder it runs in is /.
  std::vector<std::string> command;
  std::string input;                 ///< All that its standard input holds; at most kProcessInputBytes.
  std::vector<std::string> facts;    ///< `MAILCHUTE_EVENT=...`: beside PATH, HOME and LANG its environment.
  std::size_t output_bytes_max = 0;  ///< Of standard output; what is more is thrown away. 0: all of it.
  Duration patience{30'000};         ///< Then SIGTERM, a moment later SIGKILL, to it and what it started.
};

inline constexpr std::size_t kProcessInputBytes = 1024 * 1024;
/// What is kept of standard error, to be shown when the program fails.
inline constexpr std::size_t kComplaintBytes = 2048;

/// How it ended. `output` and `complaints` are bytes of the program: not fit to be shown as they are.
struct ProcessEnd {
  int status = 0;  ///< Exit status; of no meaning when `signal` is set.
  int signal = 0;
  enum class Time { Kept, Exceeded } time = Time::Kept;
  enum class Output { Whole, Cut } whole = Output::Whole;
  std::string output;
  std::string complaints;  ///< The beginning of standard error.

  bool good() const { return status == 0 && signal == 0 && time == Time::Kept; }
};

/// `exit status 3: no such entry`, `killed by signal 9`, `took longer than it may`; safe to print.
std::string describe(const ProcessEnd& end);

/// The seam to running programs, so that tests can do without.
class ProcessRunner {
 public:
  virtual ~ProcessRunner() = default;

  /// `then` runs once, never from inside the call. An Error when the program could not be started: it names
  /// the program and the system's reason.
  virtual void run(ProcessJob job, UniqueFunction<void(Result<ProcessEnd>)> then) = 0;
};

/// Runs them for real. What still runs when this object goes is killed, and its `then` is not called.
class SystemProcesses final : public ProcessRunner {
 public:
  explicit SystemProcesses(Loop& loop);
  ~SystemProcesses() override;

  void run(ProcessJob job, UniqueFunction<void(Result<ProcessEnd>)> then) override;

 private:
  class Child;

  void bury(const Child* child);

  Loop& loop_;
  std::vector<std::unique_ptr<Child>> children_;
};

}  // namespace mailchute
