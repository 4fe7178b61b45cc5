#include "store/digest_sql.h"

#include <optional>
#include <string_view>
#include <utility>

#include "base/limits.h"
#include "store/accept_sql.h"
#include "store/rows.h"

namespace mailchute {

namespace {

constexpr char kBegin[] =
    "INSERT INTO digest(sender, reason, due, count) VALUES (?1, ?2, ?3, 0) ON CONFLICT DO NOTHING";
constexpr char kCount[] = "UPDATE digest SET count = count + 1 WHERE sender = ?1 AND reason = ?2";
constexpr char kCounted[] = "SELECT count FROM digest WHERE sender = ?1 AND reason = ?2";
constexpr char kInsertEntry[] =
    "INSERT INTO digest_entry(sender, reason, number, message, address, original, subject, envelope_id, "
    "upstream, rule, blame, in_doubt, expired, stage, code, enhanced, reply, checksum)"
    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18)";

constexpr char kOpen[] = "SELECT sender, reason, due FROM digest";
constexpr char kDigest[] = "SELECT due, count FROM digest WHERE sender = ?1 AND reason = ?2";
constexpr char kEntries[] =
    "SELECT message, address, checksum, original, subject, envelope_id, upstream, rule, blame, in_doubt, "
    "expired, stage, code, enhanced, reply FROM digest_entry WHERE sender = ?1 AND reason = ?2"
    " ORDER BY number";
constexpr char kDeleteEntries[] = "DELETE FROM digest_entry WHERE sender = ?1 AND reason = ?2";
constexpr char kDelete[] = "DELETE FROM digest WHERE sender = ?1 AND reason = ?2";

SqliteResult<void> insert_entry(Database& database, const DigestKey& key, std::int64_t number,
                                const DigestEntry& entry) {
  const std::string address = entry.recipient.mailbox.text();
  const auto reply = std::string_view(entry.reply.text).substr(0, limits::kDigestReplyBytes);
  TRY_VOID(database.run(
      kInsertEntry, {key.sender, key.reason, number, entry.id.value, address, entry.recipient.original,
                     entry.subject, entry.envelope_id, entry.upstream, entry.rule, to_number(entry.blame),
                     entry.in_doubt ? 1 : 0, entry.expired ? 1 : 0, stage_name(entry.stage), entry.reply.code,
                     entry.reply.enhanced, reply, address_checksum(address, entry.id)}));
  return {};
}

SqliteResult<void> add(Database& database, const DigestKey& key, const DigestEntry& entry) {
  const auto counted = TRY(database.number(kCounted, {key.sender, key.reason})).value_or(0);
  TRY_VOID(database.run(kCount, {key.sender, key.reason}));
  if (counted >= static_cast<std::int64_t>(limits::kDigestEntries)) return {};
  return insert_entry(database, key, counted, entry);
}

SqliteResult<DigestEntry> read_entry(const Rows& rows) {
  DigestEntry entry;
  entry.id = MessageId{rows.number(0)};
  entry.recipient.mailbox = TRY(to_mailbox(rows.bytes(1), entry.id, rows.number(2)));
  entry.recipient.original = rows.text(3);
  entry.subject = rows.text(4);
  entry.envelope_id = rows.text(5);
  entry.upstream = rows.text(6);
  entry.rule = rows.text(7);
  entry.blame = to_blame(rows.small_number(8));
  entry.in_doubt = rows.flag(9);
  entry.expired = rows.flag(10);
  entry.stage = to_stage(rows.bytes(11));
  entry.reply = to_reply(rows, 11);
  return entry;
}

SqliteResult<void> read_entries(Database& database, Digest& digest) {
  auto rows = TRY(database.query(kEntries, {digest.key.sender, digest.key.reason}));
  while (TRY(rows.next())) {
    auto entry = read_entry(rows);
    if (entry) digest.entries.push_back(std::move(*entry));
  }
  return {};
}

SqliteResult<std::optional<Digest>> read_digest(Database& database, const DigestKey& key) {
  std::optional<Digest> digest;
  {
    auto rows = TRY(database.query(kDigest, {key.sender, key.reason}));
    if (!TRY(rows.next())) return digest;
    digest = Digest{key, rows.time(0), static_cast<std::size_t>(rows.number(1)), {}};
  }
  TRY_VOID(read_entries(database, *digest));
  return digest;
}

}  // namespace

SqliteResult<void> gather(Database& database, const DigestPart& part) {
  TRY_VOID(database.run(kBegin, {part.key.sender, part.key.reason, part.due}));
  for (const DigestEntry& entry : part.entries) TRY_VOID(add(database, part.key, entry));
  return {};
}

SqliteResult<std::vector<DigestDue>> open_digests(Database& database) {
  std::vector<DigestDue> open;
  auto rows = TRY(database.query(kOpen));
  while (TRY(rows.next())) open.push_back({{rows.text(0), rows.text(1)}, rows.time(2)});
  return open;
}

SqliteResult<std::size_t> tell_digest(Database& database, const DigestKey& key, WriteDigest& write) {
  const auto digest = TRY(read_digest(database, key));
  if (!digest) return std::size_t{0};
  if (digest->count > 0) TRY_VOID(insert_own_message(database, write(*digest)));
  TRY_VOID(database.run(kDeleteEntries, {key.sender, key.reason}));
  TRY_VOID(database.run(kDelete, {key.sender, key.reason}));
  return digest->count;
}

}  // namespace mailchute
