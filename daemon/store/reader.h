// Looks into the queue, with the daemon up or down, and changes nothing in it. For the commands; the daemon
// itself has no use for it. One thread; each call sees the queue as it is at that moment, and none holds on
// to a state longer than it takes to read a page of messages.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/unique_function.h"
#include "store/backup.h"
#include "store/queue.h"
#include "store/seen.h"
#include "store/sqlite.h"
#include "store/upkeep_sql.h"

namespace mailchute {

struct SeenAttempt {
  AttemptRecord record;
  std::optional<std::int64_t> row;  ///< The recipient, when it was for one only.
};

/// Numbers of what is not finished.
struct QueueSummary {
  std::int64_t messages = 0;
  std::int64_t recipients = 0;
  std::int64_t queued = 0;  ///< Recipients, as the three below.
  std::int64_t held = 0;
  std::int64_t sending = 0;
  std::int64_t uncertain = 0;
  std::optional<WallTime> oldest;  ///< When the oldest message was received.
  std::uint64_t bytes = 0;         ///< Of content.
  Tally last_hour;
};

struct SeenEvent {
  WallTime at{};
  std::string kind;
  std::string subject;
  std::string text;
};

/// What a look through the file found.
struct QuickCheck {
  std::string fault;  ///< Empty: none.
  enum class Seen { Whole, Part } seen = Seen::Whole;
};

class QueueReader {
 public:
  /// Fails with code 66 when there is no queue, 77 when it may not be read, 65 when it is not one of ours or
  /// of another version.
  static Result<QueueReader> open(const std::string& path);

  /// Calls `each` for the messages meant, soonest expiry first, at most `limit`. States `delivered` and
  /// `failed` mean the history too, last finished first.
  Result<void> list(const Selection& selection, std::size_t limit, UniqueFunction<void(SeenMessage)> each);

  /// The one message whose id begins so. Fails with code 1 when there is none, 64 when there are several.
  Result<MessageId> find(std::string_view id_prefix);

  /// Fails with code 1 when it has gone.
  Result<SeenMessage> message(MessageId id);
  /// First attempt first.
  Result<std::vector<SeenAttempt>> attempts(MessageId id);

  /// Chunk `number` (from 0) of the content; empty behind the last. Fails with code 1 when the content is no
  /// longer kept, 65 when it is damaged.
  Result<std::string> chunk(MessageId id, std::int64_t number);

  /// `now` ends the last hour.
  Result<QueueSummary> summary(WallTime now);
  Result<std::vector<UpstreamState>> upstreams();
  /// What upstreams with a limit were given, by the minute, oldest first.
  Result<std::vector<Spending>> spendings();
  /// The latest first.
  Result<std::vector<SeenEvent>> events(std::size_t limit);

  /// Looks through the file's pages (PRAGMA quick_check), as far as it comes in this time.
  Result<QuickCheck> quick_check(Duration patience);

  /// Writes a consistent copy of the live queue to a new file of mode 0600, as store/backup.h says.
  Result<BackupFacts> backup(const std::string& file, WatchBackup watch = nullptr);

 private:
  explicit QueueReader(Database database) : database_(std::move(database)) {}
  Database database_;
};

}  // namespace mailchute
