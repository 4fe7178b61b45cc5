// Decides what a person is told, and when: facts in, alerts out. Each trouble is told once, again each day
// while it lasts, and once that it is over. Pure: reads no clock, runs nothing. Loop thread only.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "alert/alert.h"
#include "base/clock.h"

namespace mailchute {

/// Durations are counted on the steady clock, so that a jump of the calendar tells nobody anything; the
/// calendar is for people.
struct AlertTime {
  WallTime wall{};
  SteadyTime steady{};
};

/// From the configuration (`notify.after`).
struct AlertRules {
  Duration oldest_message{3'600'000};  ///< 0: never told.
  std::size_t login_refused = 1;       ///< So many in a row; 0: never told.
};

/// What can be seen at any time.
struct AlertFacts {
  enum class Room { Enough, DiskReserve, QueueFull } room = Room::Enough;
  std::optional<WallTime> oldest;  ///< When the oldest message that waits came in; empty: none waits.
  std::vector<std::string> held;   ///< Upstreams that mail is held back from because of a quota or a rate.
};

class AlertWatch {
 public:
  explicit AlertWatch(AlertRules rules) : rules_(rules) {}

  /// How an upstream fared. `words` is what was said, safe to print.
  enum class Trouble { Connection, Certificate, Login, Secret, Rate };
  void trouble(const std::string& upstream, Trouble kind, std::string words, AlertTime now);
  /// A connection is logged in.
  void ready(const std::string& upstream, AlertTime now);
  /// A message was taken by it.
  void delivered(const std::string& upstream, AlertTime now);

  /// Something that happened: StoreBroken, MessageUntold, ProviderAsks. `upstream` may be empty.
  void happened(AlertEvent event, const std::string& upstream, std::string words, AlertTime now);

  void look(const AlertFacts& facts, AlertTime now);

  /// Reload: what is known of upstreams that are gone is forgotten.
  void reconfigure(AlertRules rules, const std::vector<std::string>& upstreams);

  /// What is to be told now, each once. To be asked after every call above and about every half a minute as
  /// long as quiet() says no.
  std::vector<AlertNews> due(AlertTime now);

  /// What has been told and is not over, the oldest first.
  std::vector<AlertNews> open() const;

  /// Nothing is wrong, or was a short while ago.
  bool quiet() const { return entries_.empty(); }

 private:
  using Key = std::pair<AlertEvent, std::string>;

  /// One trouble.
  struct Entry {
    AlertNews alert;
    SteadyTime began{};
    std::optional<SteadyTime> told;
    std::size_t told_count = 0;
    std::optional<SteadyTime> calm;  ///< Gone since then.
  };

  Entry& seen(AlertEvent event, const std::string& upstream, AlertTime now);
  void gone(AlertEvent event, const std::string& upstream, AlertTime now);
  void look_at_oldest(const std::optional<WallTime>& oldest, AlertTime now);
  void look_at_held(const std::vector<std::string>& held, AlertTime now);
  bool is_ripe(const Entry& entry, AlertTime now) const;
  static bool is_over(const Entry& entry, AlertTime now);

  AlertRules rules_;
  std::map<Key, Entry> entries_;
};

}  // namespace mailchute
