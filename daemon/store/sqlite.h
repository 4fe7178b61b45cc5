// A thin, exception-free face of SQLite: a connection, its prepared statements, rows. Who includes this does
// not see sqlite3.h. Knows nothing of mail. One thread at a time for each connection.
#pragma once

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <unordered_map>

#include "base/clock.h"
#include "base/unique_function.h"

struct sqlite3;
struct sqlite3_stmt;

namespace mailchute {

/// What SQLite said: its extended result code, the errno of the system call behind it (0 when there was
/// none), and its words.
struct SqliteError {
  int code = 0;
  int system_errno = 0;
  std::string text;
};
template <typename T>
using SqliteResult = tl::expected<T, SqliteError>;

/// What an error means for the work in hand.
enum class Trouble {
  Alone,   ///< This statement only: a constraint, or a row that is not there.
  Full,    ///< No space on disk; it may pass.
  Busy,    ///< Another process holds the write lock, or memory is short; it may pass.
  Broken,  ///< Read or write failed, or the file is damaged: nothing is known any more.
};
Trouble trouble_of(const SqliteError& error);

/// A page that cannot be read or makes no sense, met while reading: bad for the row it belongs to, but
/// nothing was written.
bool unreadable(const SqliteError& error);

/// The failed result of our own checks on rows that were read: the file is not what we wrote.
tl::unexpected<SqliteError> damaged(std::string text);
/// Worse: two parts of the file contradict each other. Broken for the whole store.
tl::unexpected<SqliteError> inconsistent(std::string text);

/// Bytes that are not text.
struct Blob {
  std::string_view bytes;
};

/// One bound parameter. It borrows text and blobs: they must live until the call that takes it has returned.
class Value {
 public:
  Value(std::nullopt_t) {}
  template <std::integral T>
  Value(T number) : kind_(Kind::Number), number_(static_cast<std::int64_t>(number)) {}
  Value(std::string_view text) : kind_(Kind::Text), bytes_(text) {}
  Value(const std::string& text) : Value(std::string_view(text)) {}
  Value(const char* text) : Value(std::string_view(text)) {}
  Value(Blob blob) : kind_(Kind::Bytes), bytes_(blob.bytes) {}
  Value(WallTime time) : Value(static_cast<std::int64_t>(time.time_since_epoch().count())) {}
  template <typename T>
  Value(const std::optional<T>& value) {
    if (value) *this = Value(*value);
  }

 private:
  friend class Database;
  enum class Kind { Null, Number, Text, Bytes } kind_ = Kind::Null;
  std::int64_t number_ = 0;
  std::string_view bytes_;
};
using Values = std::initializer_list<Value>;

/// The rows of a query, one at a time. Views into a row last until the next call of next() or the end of the
/// object.
class Rows {
 public:
  Rows(Rows&& other) noexcept;
  Rows& operator=(Rows&&) = delete;
  ~Rows();

  /// Goes to the next row; false behind the last.
  SqliteResult<bool> next();

  bool null(int column) const;
  std::int64_t number(int column) const;
  int small_number(int column) const { return static_cast<int>(number(column)); }
  bool flag(int column) const { return number(column) != 0; }
  std::string_view bytes(int column) const;  ///< Text or blob.
  std::string text(int column) const { return std::string(bytes(column)); }
  WallTime time(int column) const { return WallTime(Duration(number(column))); }
  std::optional<WallTime> maybe_time(int column) const;

 private:
  friend class Database;
  explicit Rows(sqlite3_stmt* statement) : statement_(statement) {}
  sqlite3_stmt* statement_;
};

/// One connection. Statements are prepared once and kept: `sql` must be a named constant, for its address is
/// the key.
class Database {
 public:
  enum class Mode { ReadOnly, ReadWrite };
  /// Refused: nowhere in a path may be a symbolic link, also not in that of a file which is made later
  /// (VACUUM INTO).
  enum class Links { Followed, Refused };

  /// Opens an existing file; never creates one. `vfs` null: the system's.
  static SqliteResult<Database> open(const std::string& path, Mode mode, const char* vfs = nullptr,
                                     Links links = Links::Followed);

  Database(Database&& other) noexcept;
  Database& operator=(Database&&) = delete;
  ~Database();

  /// Runs a statement that gives no rows; returns how many rows it changed.
  SqliteResult<int> run(const char* sql, Values values = {});
  SqliteResult<Rows> query(const char* sql, Values values = {});
  /// First column of the first row; empty when there is no row or it is NULL.
  SqliteResult<std::optional<std::int64_t>> number(const char* sql, Values values = {});
  SqliteResult<std::string> word(const char* sql, Values values = {});

  /// Several statements without parameters, prepared for this once: migrations and pragmas.
  SqliteResult<void> script(const std::string& sql);

  bool in_transaction() const;
  std::int64_t changes_so_far() const;
  /// How long a statement waits for another process's lock.
  void wait_when_busy(Duration patience);

  /// `look` is called now and then while a statement takes long; Stop ends the statement with an error.
  /// Empty: nobody is called any more.
  enum class Work { GoOn, Stop };
  void while_working(UniqueFunction<Work()> look);

  /// Pages in the write-ahead log after the last commit of this connection.
  int wal_pages() const { return *wal_pages_; }
  /// Moves what it can from the log to the database without waiting for readers. True when all of it went.
  SqliteResult<bool> checkpoint();
  /// After a failed sync nothing may be moved from the log any more, not even by closing.
  void forbid_checkpoint_on_close();

 private:
  explicit Database(sqlite3* handle);
  SqliteResult<sqlite3_stmt*> prepared(const char* sql);
  /// Whether bound text is copied, or read where it is until the statement has run.
  enum class Text { Copied, Borrowed };
  SqliteResult<sqlite3_stmt*> bound(const char* sql, Values values, Text text);
  static int bind(sqlite3_stmt* statement, int index, const Value& value, Text text);
  SqliteError last_error(int code) const;
  int write_errno() const;

  sqlite3* handle_;
  std::unordered_map<const char*, sqlite3_stmt*> statements_;
  // On the heap: SQLite keeps their addresses while the connection may move.
  std::unique_ptr<int> wal_pages_;
  std::unique_ptr<UniqueFunction<Work()>> look_;
};

}  // namespace mailchute
