#include "store/sqlite.h"

#include <sqlite3.h>

#include <cerrno>
#include <memory>
#include <utility>

#include "base/result.h"
#include "base/text.h"

namespace mailchute {

namespace {

std::string_view value_bytes(sqlite3_value* value) {
  // The pointer first: asking for it may convert the value and so change its length.
  const auto* bytes = static_cast<const char*>(sqlite3_value_blob(value));
  const auto size = static_cast<std::size_t>(sqlite3_value_bytes(value));
  return size == 0 ? std::string_view() : std::string_view(bytes, size);
}

/// SQL: matches(pattern, text), the one meaning that `*` has everywhere in the program.
void matches(sqlite3_context* context, int, sqlite3_value** arguments) noexcept {
  sqlite3_result_int(context, matches_pattern(value_bytes(arguments[0]), value_bytes(arguments[1])) ? 1 : 0);
}

int remember_wal_pages(void* pages, sqlite3*, const char*, int count) noexcept {
  *static_cast<int*>(pages) = count;
  return SQLITE_OK;
}

int look_at_work(void* look) noexcept {
  return (*static_cast<UniqueFunction<Database::Work()>*>(look))() == Database::Work::Stop ? 1 : 0;
}

/// Of SQLite's own small steps. Copying a row takes a handful of them, and a row may have 64 KiB.
constexpr int kStepsBetweenLooks = 200;

std::string describe(const char* words, int code) {
  return std::string(words) + " (SQLite code " + std::to_string(code) + ")";
}

/// A quota or a file size limit is as passing as a full disk, yet SQLite knows only ENOSPC by name.
bool out_of_room(int system_errno) {
  return system_errno == ENOSPC || system_errno == EDQUOT || system_errno == EFBIG;
}

}  // namespace

Trouble trouble_of(const SqliteError& error) {
  if (error.code == SQLITE_IOERR_WRITE && out_of_room(error.system_errno)) return Trouble::Full;
  switch (error.code & 0xff) {
    case SQLITE_FULL: return Trouble::Full;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_NOMEM: return Trouble::Busy;
    case SQLITE_CONSTRAINT:
    case SQLITE_TOOBIG:
    case SQLITE_NOTFOUND: return Trouble::Alone;
    default: return Trouble::Broken;
  }
}

bool unreadable(const SqliteError& error) {
  return error.code == SQLITE_IOERR_READ || error.code == SQLITE_IOERR_SHORT_READ ||
         (error.code & 0xff) == SQLITE_CORRUPT;
}

tl::unexpected<SqliteError> damaged(std::string text) {
  return tl::unexpected(SqliteError{SQLITE_CORRUPT, 0, std::move(text)});
}

tl::unexpected<SqliteError> inconsistent(std::string text) {
  return tl::unexpected(SqliteError{SQLITE_INTERNAL, 0, std::move(text)});
}

Rows::Rows(Rows&& other) noexcept : statement_(std::exchange(other.statement_, nullptr)) {}

Rows::~Rows() {
  if (statement_ == nullptr) return;
  sqlite3_reset(statement_);
  sqlite3_clear_bindings(statement_);
}

SqliteResult<bool> Rows::next() {
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  sqlite3* handle = sqlite3_db_handle(statement_);
  return tl::unexpected(
      SqliteError{code, sqlite3_system_errno(handle), describe(sqlite3_errmsg(handle), code)});
}

bool Rows::null(int column) const { return sqlite3_column_type(statement_, column) == SQLITE_NULL; }

std::int64_t Rows::number(int column) const { return sqlite3_column_int64(statement_, column); }

std::string_view Rows::bytes(int column) const {
  const auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement_, column));
  const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement_, column));
  return size == 0 ? std::string_view() : std::string_view(bytes, size);
}

std::optional<WallTime> Rows::maybe_time(int column) const {
  if (null(column)) return std::nullopt;
  return time(column);
}

SqliteResult<Database> Database::open(const std::string& path, Mode mode, const char* vfs, Links links) {
  // Counting every allocation takes a lock each time, and nobody reads the count. Without effect once SQLite
  // is in use.
  static const int uncounted = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
  (void)uncounted;
  const int access = (mode == Mode::ReadOnly ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE) |
                     (links == Links::Refused ? SQLITE_OPEN_NOFOLLOW : 0);
  sqlite3* handle = nullptr;
  // No mutex: a connection belongs to one thread. Extended codes from the first call on, open included.
  const int flags = access | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE | SQLITE_OPEN_EXRESCODE;
  const int code = sqlite3_open_v2(path.c_str(), &handle, flags, vfs);
  if (code != SQLITE_OK) {
    const int system_errno = handle == nullptr ? 0 : sqlite3_system_errno(handle);
    SqliteError error{code, system_errno,
                      describe(handle == nullptr ? "out of memory" : sqlite3_errmsg(handle), code)};
    sqlite3_close_v2(handle);
    return tl::unexpected(std::move(error));
  }
  return Database(handle);
}

Database::Database(sqlite3* handle) : handle_(handle), wal_pages_(std::make_unique<int>(0)) {
  // The hook takes the place of SQLite's own checkpoints, which would run inside a client's commit.
  sqlite3_wal_hook(handle_, &remember_wal_pages, wal_pages_.get());
  sqlite3_db_config(handle_, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  // A statement is planned once, not again for the values of each run.
  sqlite3_db_config(handle_, SQLITE_DBCONFIG_ENABLE_QPSG, 1, nullptr);
  sqlite3_create_function_v2(handle_, "matches", 2, SQLITE_UTF8 | SQLITE_DETERMINISTIC, nullptr, &matches,
                             nullptr, nullptr, nullptr);
}

Database::Database(Database&& other) noexcept
    : handle_(std::exchange(other.handle_, nullptr)),
      statements_(std::exchange(other.statements_, {})),
      wal_pages_(std::move(other.wal_pages_)),
      look_(std::move(other.look_)) {}

Database::~Database() {
  for (const auto& [sql, statement] : statements_) sqlite3_finalize(statement);
  if (handle_ != nullptr) sqlite3_close_v2(handle_);
}

SqliteResult<int> Database::run(const char* sql, Values values) {
  sqlite3_stmt* statement = TRY(bound(sql, values, Text::Borrowed));
  int code = sqlite3_step(statement);
  while (code == SQLITE_ROW) code = sqlite3_step(statement);  // A PRAGMA answers with a row nobody asked for.
  const int changed = sqlite3_changes(handle_);
  SqliteResult<int> result = changed;
  if (code != SQLITE_DONE) result = tl::unexpected(last_error(code));
  sqlite3_reset(statement);
  sqlite3_clear_bindings(statement);
  return result;
}

SqliteResult<Rows> Database::query(const char* sql, Values values) {
  return Rows(TRY(bound(sql, values, Text::Copied)));
}

SqliteResult<std::optional<std::int64_t>> Database::number(const char* sql, Values values) {
  auto rows = TRY(query(sql, values));
  if (!TRY(rows.next()) || rows.null(0)) return std::optional<std::int64_t>();
  return std::optional<std::int64_t>(rows.number(0));
}

SqliteResult<std::string> Database::word(const char* sql, Values values) {
  auto rows = TRY(query(sql, values));
  if (!TRY(rows.next())) return std::string();
  return rows.text(0);
}

SqliteResult<void> Database::script(const std::string& sql) {
  const int code = sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return tl::unexpected(last_error(code));
  return {};
}

bool Database::in_transaction() const { return sqlite3_get_autocommit(handle_) == 0; }

std::int64_t Database::changes_so_far() const { return sqlite3_total_changes64(handle_); }

void Database::wait_when_busy(Duration patience) {
  sqlite3_busy_timeout(handle_, static_cast<int>(patience.count()));
}

void Database::while_working(UniqueFunction<Work()> look) {
  if (!look) {
    sqlite3_progress_handler(handle_, 0, nullptr, nullptr);
    look_.reset();
    return;
  }
  look_ = std::make_unique<UniqueFunction<Work()>>(std::move(look));
  sqlite3_progress_handler(handle_, kStepsBetweenLooks, &look_at_work, look_.get());
}

SqliteResult<bool> Database::checkpoint() {
  int logged = 0;
  int moved = 0;
  const int code = sqlite3_wal_checkpoint_v2(handle_, nullptr, SQLITE_CHECKPOINT_PASSIVE, &logged, &moved);
  if ((code & 0xff) == SQLITE_BUSY) return false;  // A reader is in the way; the next one will do it.
  if (code != SQLITE_OK) return tl::unexpected(last_error(code));
  return logged == moved;
}

void Database::forbid_checkpoint_on_close() {
  sqlite3_db_config(handle_, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
}

SqliteResult<sqlite3_stmt*> Database::prepared(const char* sql) {
  const auto known = statements_.find(sql);
  if (known != statements_.end()) return known->second;
  sqlite3_stmt* statement = nullptr;
  const int code = sqlite3_prepare_v3(handle_, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
  if (code != SQLITE_OK) return tl::unexpected(last_error(code));
  statements_.emplace(sql, statement);
  return statement;
}

SqliteResult<sqlite3_stmt*> Database::bound(const char* sql, Values values, Text text) {
  sqlite3_stmt* statement = TRY(prepared(sql));
  CHECK(sqlite3_stmt_busy(statement) == 0);  // A query may not be asked again while its rows are being read.
  CHECK(sqlite3_bind_parameter_count(statement) == static_cast<int>(values.size()));
  int index = 0;
  for (const Value& value : values) {
    const int code = bind(statement, ++index, value, text);
    if (code != SQLITE_OK) return tl::unexpected(last_error(code));
  }
  return statement;
}

int Database::bind(sqlite3_stmt* statement, int index, const Value& value, Text text) {
  const std::string_view bytes = value.bytes_;
  const char* data = bytes.data() == nullptr ? "" : bytes.data();  // A null pointer would be NULL, not empty.
  // A query's rows are read after the call that bound it; run() is done with them when it returns.
  const auto keep = text == Text::Copied ? SQLITE_TRANSIENT : SQLITE_STATIC;
  switch (value.kind_) {
    case Value::Kind::Null: return sqlite3_bind_null(statement, index);
    case Value::Kind::Number: return sqlite3_bind_int64(statement, index, value.number_);
    case Value::Kind::Text:
      return sqlite3_bind_text64(statement, index, data, bytes.size(), keep, SQLITE_UTF8);
    case Value::Kind::Bytes: return sqlite3_bind_blob64(statement, index, data, bytes.size(), keep);
  }
  return SQLITE_MISUSE;
}

SqliteError Database::last_error(int code) const {
  const int system_errno = code == SQLITE_IOERR_WRITE ? write_errno() : sqlite3_system_errno(handle_);
  return SqliteError{code, system_errno, describe(sqlite3_errmsg(handle_), code)};
}

/// A COMMIT that fails leaves no errno in the connection: the file it wrote to knows.
int Database::write_errno() const {
  if (const int known = sqlite3_system_errno(handle_)) return known;
  sqlite3_file* log = nullptr;
  int found = 0;
  const int code =
      sqlite3_file_control(handle_, "main", SQLITE_FCNTL_JOURNAL_POINTER, static_cast<void*>(&log));
  if (code != SQLITE_OK || log == nullptr || log->pMethods == nullptr) return 0;
  return log->pMethods->xFileControl(log, SQLITE_FCNTL_LAST_ERRNO, &found) == SQLITE_OK ? found : 0;
}

}  // namespace mailchute
