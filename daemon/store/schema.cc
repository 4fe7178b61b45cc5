#include "store/schema.h"

#include <unistd.h>

#include <array>
#include <cstdint>

#include "base/exit_codes.h"
#include "store/queue_file.h"

namespace mailchute {

namespace {

// Times are milliseconds since 1970, UTC. Numbers of enumerations are those of store/rows.h.
constexpr char kVersion1[] = R"sql(
-- One row: the highest id ever given to a message, for ids are never used twice; how many commits this file has seen; and which
-- routing the routes of the recipients come from.
CREATE TABLE meta(
  only INTEGER PRIMARY KEY CHECK (only = 1),
  highest_id INTEGER NOT NULL,
  commits INTEGER NOT NULL,
  routing TEXT NOT NULL
) STRICT;
INSERT INTO meta VALUES (1, 0, 0, '');

CREATE TABLE message(
  id INTEGER PRIMARY KEY,
  received INTEGER NOT NULL,
  expires INTEGER NOT NULL,
  deadline INTEGER,            -- `expires`; 2^62 later while all that is left is held; NULL once finished
  finished INTEGER,            -- NULL while a recipient is left
  sender TEXT,                 -- NULL: the null sender
  body INTEGER NOT NULL,
  smtputf8 INTEGER NOT NULL,
  ret INTEGER NOT NULL,
  envelope_id TEXT NOT NULL,
  bytes INTEGER NOT NULL,
  chunks INTEGER NOT NULL,     -- 0 once the content has been deleted
  notice INTEGER NOT NULL,
  source_kind TEXT NOT NULL,
  source_uid INTEGER,
  source_pid INTEGER,
  source_command TEXT NOT NULL,
  source_address TEXT NOT NULL,
  source_helo TEXT NOT NULL,
  header_message_id TEXT NOT NULL,
  header_subject TEXT NOT NULL,
  header_from TEXT NOT NULL,
  automatic INTEGER NOT NULL,
  checksum INTEGER NOT NULL    -- of sender and size
) STRICT;
-- With the size, so that the sum of what is queued is read from here alone.
CREATE INDEX message_deadline ON message(deadline, id, bytes) WHERE deadline IS NOT NULL;
CREATE INDEX message_finished ON message(finished) WHERE finished IS NOT NULL;

-- The first chunk of a message has the message's id, so that the usual message, which has no other, needs no index. The others have
-- negative ids and are found by chunk_place. Chunks come before their message when it is large: no foreign key.
CREATE TABLE chunk(
  id INTEGER PRIMARY KEY,
  message INTEGER NOT NULL,
  number INTEGER NOT NULL,
  checksum INTEGER NOT NULL,
  bytes BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX chunk_place ON chunk(message, number) WHERE number > 0;

-- Messages of which chunks may be here and no row of `message` yet.
CREATE TABLE draft(id INTEGER PRIMARY KEY) STRICT;

CREATE TABLE recipient(
  message INTEGER NOT NULL REFERENCES message(id) ON DELETE CASCADE,
  number INTEGER NOT NULL,
  state INTEGER NOT NULL,
  route TEXT NOT NULL,
  next_attempt INTEGER,        -- NULL once delivered or failed
  attempts INTEGER NOT NULL,
  in_doubt INTEGER NOT NULL,
  address TEXT NOT NULL,
  notify INTEGER NOT NULL,
  original TEXT NOT NULL,
  upstream TEXT NOT NULL,      -- the one it was last given to
  stage TEXT NOT NULL,
  code INTEGER NOT NULL,
  enhanced TEXT NOT NULL,
  reply TEXT NOT NULL,
  checksum INTEGER NOT NULL,   -- of the address
  PRIMARY KEY (message, number)
) STRICT, WITHOUT ROWID;
-- The lanes: what is due for a route, oldest first; also what is being sent and what is held.
CREATE INDEX recipient_open ON recipient(state, route, next_attempt, message, number, in_doubt)
  WHERE next_attempt IS NOT NULL;

CREATE TABLE attempt(
  message INTEGER NOT NULL REFERENCES message(id) ON DELETE CASCADE,
  number INTEGER NOT NULL,
  recipient INTEGER,           -- NULL: more than one
  upstream TEXT NOT NULL,
  started INTEGER NOT NULL,
  duration INTEGER NOT NULL,
  stage TEXT NOT NULL,
  code INTEGER NOT NULL,
  enhanced TEXT NOT NULL,
  reply TEXT NOT NULL,
  in_doubt INTEGER NOT NULL,
  tls TEXT NOT NULL,
  peer TEXT NOT NULL,
  PRIMARY KEY (message, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE upstream_state(
  name TEXT PRIMARY KEY,
  trouble TEXT NOT NULL,
  failures INTEGER NOT NULL,
  cooling_until INTEGER,
  paused INTEGER NOT NULL,
  stage TEXT NOT NULL,
  code INTEGER NOT NULL,
  enhanced TEXT NOT NULL,
  reply TEXT NOT NULL,
  last_success INTEGER,
  secret_fingerprint TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE event(
  id INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  kind TEXT NOT NULL,
  subject TEXT NOT NULL,
  text TEXT NOT NULL
) STRICT;

-- What happened in each minute, for `status`.
CREATE TABLE tally(
  minute INTEGER PRIMARY KEY,
  accepted INTEGER NOT NULL,
  delivered INTEGER NOT NULL,
  deferred INTEGER NOT NULL,
  failed INTEGER NOT NULL
) STRICT;
)sql";

constexpr char kVersion2[] = R"sql(
-- What upstreams with a limit were given in each minute; kept for as long as the longest window.
CREATE TABLE spending(
  upstream TEXT NOT NULL,
  minute INTEGER NOT NULL,     -- minutes since 1970
  messages INTEGER NOT NULL,
  recipients INTEGER NOT NULL,
  PRIMARY KEY (upstream, minute)
) STRICT, WITHOUT ROWID;

-- 1: it shares no transaction with another recipient of its message.
ALTER TABLE recipient ADD COLUMN alone INTEGER NOT NULL DEFAULT 0;
-- What may have been delivered is sent again by the same upstream only. There are few of them.
CREATE INDEX recipient_doubted ON recipient(route, upstream, next_attempt, message)
  WHERE in_doubt <> 0 AND state = 0;

-- 1: its sender has been told that it is late, or need not be.
ALTER TABLE message ADD COLUMN delay_told INTEGER NOT NULL DEFAULT 0;
)sql";

constexpr char kVersion3[] = R"sql(
-- Failures of one sender for one reason that are told together, from the first on, which was told at once, until `due`.
CREATE TABLE digest(
  sender TEXT NOT NULL,
  reason TEXT NOT NULL,
  due INTEGER NOT NULL,
  count INTEGER NOT NULL,      -- all that was gathered, also what is not listed below
  PRIMARY KEY (sender, reason)
) STRICT, WITHOUT ROWID;

-- The first of them, with all that a notice says, for their messages may be gone by then.
CREATE TABLE digest_entry(
  sender TEXT NOT NULL,
  reason TEXT NOT NULL,
  number INTEGER NOT NULL,
  message INTEGER NOT NULL,
  address TEXT NOT NULL,
  original TEXT NOT NULL,
  subject TEXT NOT NULL,
  envelope_id TEXT NOT NULL,
  upstream TEXT NOT NULL,
  rule TEXT NOT NULL,
  blame INTEGER NOT NULL,
  in_doubt INTEGER NOT NULL,
  expired INTEGER NOT NULL,
  stage TEXT NOT NULL,
  code INTEGER NOT NULL,
  enhanced TEXT NOT NULL,
  reply TEXT NOT NULL,
  checksum INTEGER NOT NULL,   -- of the address
  PRIMARY KEY (sender, reason, number)
) STRICT, WITHOUT ROWID;

-- What may become late, oldest first: neither told of, nor finished, nor held for a person.
CREATE INDEX message_late ON message(received) WHERE delay_told = 0 AND deadline < 4611686018427387904;
)sql";

constexpr char kVersion4[] = R"sql(
-- How often in a row an upstream hung up on it.
ALTER TABLE recipient ADD COLUMN hang_ups INTEGER NOT NULL DEFAULT 0;

-- This queue's name in the trace lines of its messages: by it a message is known that comes back.
ALTER TABLE meta ADD COLUMN token TEXT NOT NULL DEFAULT '';
UPDATE meta SET token = lower(hex(randomblob(6)));
)sql";

constexpr char kVersion5[] = R"sql(
-- What it counts for in its user's share of the queue (store/shares.h). Mail from before does not count.
ALTER TABLE message ADD COLUMN weight INTEGER NOT NULL DEFAULT 0;

-- With user and weight, so that a start counts what everybody holds from here alone.
DROP INDEX message_deadline;
CREATE INDEX message_deadline ON message(deadline, id, bytes, source_uid, weight) WHERE deadline IS NOT NULL;

-- Finished messages whose content is still kept: the oldest of it goes first.
CREATE INDEX message_kept ON message(finished, bytes) WHERE finished IS NOT NULL AND chunks > 0;
)sql";

constexpr char kVersion6[] = R"sql(
-- As whom the client logged in; empty: as nobody.
ALTER TABLE message ADD COLUMN source_login TEXT NOT NULL DEFAULT '';
)sql";

constexpr char kVersion7[] = R"sql(
-- When logins came to nothing: the last few, oldest first, each a number, between blanks.
ALTER TABLE upstream_state ADD COLUMN refused_logins TEXT NOT NULL DEFAULT '';
-- In which words it refused messages one after the other, and to whom: an address a line, a few at most.
ALTER TABLE upstream_state ADD COLUMN refused_words TEXT NOT NULL DEFAULT '';
ALTER TABLE upstream_state ADD COLUMN refused_to TEXT NOT NULL DEFAULT '';
)sql";

constexpr std::array<const char*, 7> kSteps = {kVersion1, kVersion2, kVersion3, kVersion4,
                                               kVersion5, kVersion6, kVersion7};

constexpr char kTables[] =
    "attempt,chunk,digest,digest_entry,draft,event,message,meta,recipient,spending,tally,upstream_state";

constexpr char kApplication[] = "PRAGMA application_id";
constexpr char kUserVersion[] = "PRAGMA user_version";
constexpr char kTableNames[] =
    "SELECT group_concat(name) FROM (SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name)";
constexpr char kBackup[] = "VACUUM INTO ?1";

tl::unexpected<Error> refuse(const std::string& path, const std::string& why) {
  return fail("refusing queue " + path + ": " + why + "; the file was left as it is", exit_code::kBadData);
}

template <typename T>
Result<T> told(SqliteResult<T> result, const std::string& what, int code) {
  if (!result) return fail(what + ": " + result.error().text, code);
  if constexpr (std::is_void_v<T>) {
    return {};
  } else {
    return std::move(*result);
  }
}

/// Versions are counted, not bound: PRAGMA takes no parameters.
std::string set_version(std::size_t version) {
  return "PRAGMA user_version = " + std::to_string(version) + ";";
}

Result<void> fill(const std::string& scratch, const char* vfs) {
  auto database = TRY(told(Database::open(scratch, Database::Mode::ReadWrite, vfs),
                           "cannot create " + scratch, exit_code::kCannotCreate));
  // INCREMENTAL, before the first table: a file that a backlog has made large can give its room back.
  std::string script = "PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = OFF; BEGIN;";
  script += "PRAGMA application_id = " + std::to_string(kApplicationId) + ";";
  for (const char* step : kSteps) script += step;
  script += set_version(kSteps.size()) + "COMMIT; PRAGMA journal_mode = WAL;";
  return told(database.script(script), "cannot create " + scratch, exit_code::kCannotCreate);
}

Result<void> back_up(Database& database, const std::string& path, std::int64_t version) {
  const std::string name = path + ".backup-v" + std::to_string(version);
  const std::string scratch = name + ".new";
  if (::access(name.c_str(), F_OK) == 0)
    return {};  // Of an earlier try: it is the older, and so the better one.
  TRY_VOID(make_scratch_file(scratch));
  TRY_VOID(
      told(database.run(kBackup, {scratch}), "cannot back up the queue to " + name, exit_code::kInputOutput));
  return publish(scratch, name);
}

}  // namespace

Migrations migrations() { return kSteps; }

Result<void> create_queue(const std::string& path, const char* vfs) {
  const std::string scratch = path + ".new";
  TRY_VOID(make_scratch_file(scratch));
  TRY_VOID(fill(scratch, vfs));
  return publish(scratch, path);
}

Result<void> check_schema(Database& database, const std::string& path, Migrations steps) {
  const std::string what = "cannot read queue " + path;
  const auto application = TRY(told(database.number(kApplication), what, exit_code::kBadData));
  if (application != kApplicationId) return refuse(path, "it is the database of another program");
  const auto version = TRY(told(database.number(kUserVersion), what, exit_code::kBadData)).value_or(0);
  if (version > static_cast<std::int64_t>(steps.size())) {
    return refuse(path, "it was written by a newer mailchute (version " + std::to_string(version) +
                            " of the tables, this one knows " + std::to_string(steps.size()) + ")");
  }
  if (version < 1) return refuse(path, "it has no version");
  const bool today = version == static_cast<std::int64_t>(kSteps.size()) && steps.data() == kSteps.data();
  const auto tables = database.word(kTableNames);
  if (!tables) return refuse(path, "the database is damaged: " + tables.error().text);
  if (today && *tables != kTables) return refuse(path, "its tables are not those of a queue");
  return {};
}

Result<void> migrate(Database& database, const std::string& path, Migrations steps) {
  const std::string what = "cannot migrate queue " + path;
  const auto version = TRY(told(database.number(kUserVersion), what, exit_code::kInputOutput)).value_or(0);
  if (version == static_cast<std::int64_t>(steps.size())) return {};
  TRY_VOID(back_up(database, path, version));
  std::string script = "BEGIN IMMEDIATE;";
  for (auto at = static_cast<std::size_t>(version); at < steps.size(); ++at) script += steps[at];
  script += set_version(steps.size()) + "COMMIT;";
  auto done = database.script(script);
  if (!done && database.in_transaction()) (void)database.script("ROLLBACK");
  return told(std::move(done), what, exit_code::kInputOutput);
}

}  // namespace mailchute
