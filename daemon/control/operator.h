// What the running daemon lets its operator do: the seam between the control socket and the composition root.
// Loop thread only.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/unique_function.h"
#include "store/queue.h"

namespace mailchute {

/// One upstream as `status` shows it.
struct LiveUpstream {
  std::string name;
  std::string provider;
  std::string state;   ///< ok | paused | cooling_down | down
  std::string reason;  ///< Safe to print; empty when ok.
  std::optional<WallTime> until;
  std::optional<WallTime> last_success;
  std::size_t connections = 0;
};

/// One alert that is open: a person was told of it, and it is not over.
struct LiveAlert {
  std::string event;     ///< login_refused, upstream_down, ...
  std::string severity;  ///< error | warning
  std::string upstream;  ///< Empty where none is meant.
  WallTime since{};
  std::string summary;  ///< One line.
  std::string detail;   ///< Safe to print; may be empty.
  std::string next;     ///< The command to type.
  std::size_t count = 1;
};

/// What only the running daemon knows.
struct LiveStatus {
  std::string version;
  std::int64_t uptime_seconds = 0;
  std::string config_path;
  WallTime config_loaded_at{};
  std::string admission;        ///< open | disk_reserve | queue_full | broken
  std::size_t connections = 0;  ///< Apps connected now.
  std::int64_t pid = 0;         ///< The daemon's process.
  std::vector<LiveUpstream> upstreams;
  std::vector<LiveAlert> alerts = {};  ///< The oldest first.
};

/// What came of a reload: `accepted` false means that the old configuration stays in force.
struct ReloadOutcome {
  bool accepted = false;
  std::string text;  ///< What changed, or every mistake, as `check` would print it.
};

class Operator {
 public:
  virtual ~Operator() = default;

  virtual LiveStatus live_status() = 0;
  virtual void operate(Operation operation, Selection selection,
                       UniqueFunction<void(QueueResult<std::size_t>)> then) = 0;
  virtual void reload(UniqueFunction<void(ReloadOutcome)> then) = 0;
  /// False when there is no such upstream.
  virtual bool pause_upstream(const std::string& name) = 0;
  virtual bool resume_upstream(const std::string& name) = 0;
  /// The next message with this Message-ID goes by that upstream alone; false when there is none of this
  /// name.
  virtual bool route_once(const std::string& message_id, const std::string& upstream) = 0;
};

}  // namespace mailchute
