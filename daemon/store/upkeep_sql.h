// The SQL of everything that is not a message's walk: the queue's own row, the minute's tally, upstreams,
// events, and history that has grown old. Inside a transaction of the store's thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "store/queue.h"
#include "store/shares.h"
#include "store/sqlite.h"

namespace mailchute {

/// What happened in the transaction, added to the minute it happened in.
struct Tally {
  int accepted = 0;   ///< Messages.
  int delivered = 0;  ///< Recipients, as the two below.
  int deferred = 0;
  int failed = 0;
  bool empty() const { return accepted == 0 && delivered == 0 && deferred == 0 && failed == 0; }
};
SqliteResult<void> add_tally(Database& database, WallTime now, const Tally& tally);

/// How many commits this file has seen.
SqliteResult<std::int64_t> commits(Database& database);
/// The highest id ever given to a message, also to one that has been purged.
SqliteResult<MessageId> highest_id(Database& database);
/// Written last in every transaction that changes something.
SqliteResult<void> set_meta(Database& database, std::int64_t commits, MessageId highest);

/// This queue's name in trace lines.
SqliteResult<std::string> queue_token(Database& database);

SqliteResult<std::string> routing_fingerprint(Database& database);
SqliteResult<void> set_routing_fingerprint(Database& database, std::string_view fingerprint);

SqliteResult<void> save_upstream(Database& database, const UpstreamState& state);
SqliteResult<std::vector<UpstreamState>> load_upstreams(Database& database);

/// Adds to what the upstream was given in that minute.
SqliteResult<void> add_spending(Database& database, const Spending& spent);
/// All that is kept, oldest first.
SqliteResult<std::vector<Spending>> load_spendings(Database& database);
/// Of minutes before this moment.
SqliteResult<void> purge_spendings(Database& database, WallTime until);

/// The narrowed routes of what waits or is held; each once or twice.
SqliteResult<std::vector<std::string>> load_narrowed_routes(Database& database);

SqliteResult<void> insert_event(Database& database, WallTime at, std::string_view kind,
                                std::string_view subject, std::string_view text);

/// What waits and is not held.
struct Backlog {
  /// When the message came in that expires first, nearly always the oldest; empty when none waits.
  std::optional<WallTime> oldest;
  std::size_t messages = 0;  ///< kBacklogCounted: so many or more.
  bool operator==(const Backlog&) const = default;
};
/// Found at once, however many there are: nobody reads more than that there are many.
inline constexpr std::int64_t kBacklogCounted = 1000;
SqliteResult<Backlog> backlog(Database& database);

/// What one step of tidying took away.
struct PurgeStep {
  std::uint64_t content_bytes = 0;               ///< Of finished messages.
  enum class End { All, Bound } end = End::All;  ///< Bound: there may be more.
};
/// Messages finished at or before this moment, with everything about them; a few.
SqliteResult<PurgeStep> purge_messages(Database& database, WallTime until);
/// Some message is finished, and its record still there.
SqliteResult<bool> has_finished(Database& database);
/// The content of messages finished at or before `until`, the longest finished first; a few.
SqliteResult<PurgeStep> purge_content(Database& database, WallTime until);
/// All content that is kept of finished messages.
SqliteResult<std::uint64_t> kept_content_bytes(Database& database);

/// What everybody holds of the queue.
SqliteResult<std::vector<ShareChange>> held_by_users(Database& database);

/// Events and tallies from before this moment.
SqliteResult<void> purge_events(Database& database, WallTime until);

/// Bytes of the file that hold something, and bytes that are free inside it.
struct FileUse {
  std::uint64_t used = 0;
  std::uint64_t free_inside = 0;
};
SqliteResult<FileUse> file_use(Database& database);

/// Cuts a few free pages off the end of the file, at the next checkpoint. Writes as many pages as it cuts.
SqliteResult<void> shrink(Database& database);
inline constexpr std::uint64_t kShrinkBytes = 64 * 4096;

}  // namespace mailchute
