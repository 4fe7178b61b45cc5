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
  /// What it is that stops it: `none`, `connection`, `rate`, `login`, `quota`, `person`; `limit`: one of the
  /// configuration.
  std::string trouble = "none";
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

/// A user who is told to come again, for as much of their mail waits as room is left for all.
struct SpentShare {
  std::optional<std::uint32_t> uid;  ///< Empty: those whom the kernel does not name.
  std::uint64_t bytes = 0;           ///< Held of the queue.
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
  std::optional<SpentShare> spent_share =
      std::nullopt;  ///< Of those who hold too much, the one with the most.
};

/// What came of a reload: `accepted` false means that the old configuration stays in force.
struct ReloadOutcome {
  bool accepted = false;
  std::string text;  ///< What changed, or every mistake, as `check` would print it.
};

/// A login that a person tries beside delivery, at the command line.
struct LoginTrial {
  std::string host;  ///< With `user` the account: an upstream of the same name may have meant another.
  std::string user;
  std::string secret_fingerprint;  ///< Salted with the upstream's name; empty: a token, each of them new.
  /// Other: one that is not stored (yet), so that nothing follows from it for the one in use.
  enum class Secret { InUse, Other } secret = Secret::InUse;
  Reply reply{};  ///< What came of it, once it was tried; code 0: no reply.
};

/// Whether one login more is one too many.
struct LoginRest {
  std::optional<WallTime> until;  ///< Empty: nothing speaks against it.
  std::string reason;             ///< What was said the last time; safe to print.
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
  /// Asked before a login is tried; empty when no upstream of this name has this account.
  virtual std::optional<LoginRest> login_rest(const std::string& upstream, const LoginTrial& trial) = 0;
  /// Told after it: refused, it counts as one of the daemon's own; taken, the daemon's rest ends. False as
  /// above.
  virtual bool login_tried(const std::string& upstream, const LoginTrial& trial) = 0;
};

}  // namespace mailchute
