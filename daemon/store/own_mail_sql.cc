#include "store/own_mail_sql.h"

#include <utility>
#include <vector>

#include "store/seen_sql.h"
#include "store/upkeep_sql.h"

namespace mailchute {

namespace {

/// Messages that one page looks at: about a millisecond of the store's thread.
constexpr std::int64_t kLookedAt = 500;
/// Messages that it shows, and recipients of each.
constexpr std::size_t kShown = 20;
constexpr std::int64_t kRecipientsShown = 10;

constexpr char kNext[] =
    "SELECT deadline, id, source_uid FROM message WHERE deadline IS NOT NULL AND (deadline, id) > (?1, ?2)"
    " ORDER BY deadline, id LIMIT ?3";

struct Found {
  Place place;
  std::optional<std::int64_t> uid;
};

SqliteResult<std::vector<Found>> next_messages(Database& database, Place place) {
  std::vector<Found> found;
  auto rows = TRY(database.query(kNext, {place.time, place.id.value, kLookedAt}));
  while (TRY(rows.next())) {
    Found each{{rows.number(0), MessageId{rows.number(1)}}, std::nullopt};
    if (!rows.null(2)) each.uid = rows.number(2);
    found.push_back(each);
  }
  return found;
}

}  // namespace

SqliteResult<OwnMailPage> own_mail(Database& database, std::optional<std::uint32_t> uid, Place place) {
  OwnMailPage page;
  page.upstreams = TRY(load_upstreams(database));
  const std::vector<Found> found = TRY(next_messages(database, place));
  for (const Found& each : found) {
    place = each.place;
    if (uid && each.uid != static_cast<std::int64_t>(*uid)) continue;
    auto seen = TRY(read_message(database, each.place.id, kRecipientsShown));
    if (seen) page.entries.push_back({std::move(*seen), each.place});
    if (page.entries.size() == kShown) break;
  }
  const bool all_seen = static_cast<std::int64_t>(found.size()) < kLookedAt;
  const bool at_end = all_seen && (found.empty() || place.id == found.back().place.id);
  if (!at_end) page.next = place;
  return page;
}

}  // namespace mailchute
