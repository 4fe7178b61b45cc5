#include "store/gathered_log.h"

#include <sqlite3.h>

#include <algorithm>
#include <cstddef>
#include <memory>
#include <new>
#include <string>
#include <string_view>

namespace mailchute {

namespace {

/// Fifteen pages with their heads; a commit at full load has about as many.
constexpr std::size_t kGatheredBytes = 64 << 10;

/// Our access, and the one that it stands on. SQLite knows the first part of it.
struct Access : sqlite3_vfs {
  sqlite3_vfs* base = nullptr;
  std::string name;
};

/// An open log: what SQLite knows, what is gathered for it, and behind these the file of the base.
struct Log : sqlite3_file {
  std::string gathered;
  std::size_t room = 0;     ///< How much is gathered at most.
  sqlite3_int64 begin = 0;  ///< Where in the file `gathered` belongs.

  sqlite3_file* file() { return reinterpret_cast<sqlite3_file*>(this + 1); }
  const sqlite3_io_methods& base() { return *file()->pMethods; }
};

Log& log_of(sqlite3_file* file) { return *static_cast<Log*>(file); }

/// What cannot be written is let go: whoever is told of it rolls back, and no write is tried again.
int hand_over(Log& log) {
  if (log.gathered.empty()) return SQLITE_OK;
  const int code =
      log.base().xWrite(log.file(), log.gathered.data(), static_cast<int>(log.gathered.size()), log.begin);
  log.gathered.clear();
  return code;
}

bool fits_behind(const Log& log, std::size_t bytes, sqlite3_int64 at) {
  return at == log.begin + static_cast<sqlite3_int64>(log.gathered.size()) &&
         log.gathered.size() + bytes <= log.room;
}

int write(sqlite3_file* file, const void* from, int bytes, sqlite3_int64 at) noexcept {
  Log& log = log_of(file);
  const std::string_view piece(static_cast<const char*>(from), static_cast<std::size_t>(bytes));
  if (!fits_behind(log, piece.size(), at)) {
    if (const int code = hand_over(log)) return code;
    log.begin = at;
  }
  if (piece.size() > log.room) return log.base().xWrite(log.file(), from, bytes, at);
  log.gathered += piece;
  return SQLITE_OK;
}

int sync(sqlite3_file* file, int flags) noexcept {
  Log& log = log_of(file);
  if (const int code = hand_over(log)) return code;
  return log.base().xSync(log.file(), flags);
}

int read(sqlite3_file* file, void* to, int bytes, sqlite3_int64 at) noexcept {
  Log& log = log_of(file);
  if (const int code = hand_over(log)) return code;
  return log.base().xRead(log.file(), to, bytes, at);
}

int truncate(sqlite3_file* file, sqlite3_int64 bytes) noexcept {
  Log& log = log_of(file);
  if (const int code = hand_over(log)) return code;
  return log.base().xTruncate(log.file(), bytes);
}

int file_size(sqlite3_file* file, sqlite3_int64* bytes) noexcept {
  Log& log = log_of(file);
  if (const int code = hand_over(log)) return code;
  return log.base().xFileSize(log.file(), bytes);
}

/// What was gathered and never synced was promised to nobody; the file gets it all the same, as without us.
int close(sqlite3_file* file) noexcept {
  Log& log = log_of(file);
  const int code = hand_over(log);
  const int closed = log.base().xClose(log.file());
  log.pMethods = nullptr;
  std::destroy_at(&log);
  return code == SQLITE_OK ? closed : code;
}

int file_control(sqlite3_file* file, int what, void* argument) noexcept {
  Log& log = log_of(file);
  return log.base().xFileControl(log.file(), what, argument);
}

int sector_size(sqlite3_file* file) noexcept {
  Log& log = log_of(file);
  return log.base().xSectorSize(log.file());
}

int device_characteristics(sqlite3_file* file) noexcept {
  Log& log = log_of(file);
  return log.base().xDeviceCharacteristics(log.file());
}

/// The locks of a log are in shared memory, which belongs to the database file.
int lock(sqlite3_file*, int) noexcept { return SQLITE_OK; }

int reserved_lock(sqlite3_file*, int* held) noexcept {
  *held = 0;
  return SQLITE_OK;
}

const sqlite3_io_methods& methods() {
  static const sqlite3_io_methods known = [] {
    sqlite3_io_methods made{};
    made.iVersion = 1;
    made.xClose = &close;
    made.xRead = &read;
    made.xWrite = &write;
    made.xTruncate = &truncate;
    made.xSync = &sync;
    made.xFileSize = &file_size;
    made.xLock = &lock;
    made.xUnlock = &lock;
    made.xCheckReservedLock = &reserved_lock;
    made.xFileControl = &file_control;
    made.xSectorSize = &sector_size;
    made.xDeviceCharacteristics = &device_characteristics;
    return made;
  }();
  return known;
}

/// On a disk that may damage what lies beside a write, SQLite fills the last sector behind its sync: there
/// nothing is gathered.
std::size_t room_of(Log& log) {
  const int known = log.base().xDeviceCharacteristics(log.file());
  return (known & SQLITE_IOCAP_POWERSAFE_OVERWRITE) != 0 ? kGatheredBytes : 0;
}

int open(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* flags_out) noexcept {
  sqlite3_vfs* base = static_cast<Access*>(vfs)->base;
  if ((flags & SQLITE_OPEN_WAL) == 0) return base->xOpen(base, name, file, flags, flags_out);
  Log& log = *new (file) Log;
  const int code = base->xOpen(base, name, log.file(), flags, flags_out);
  if (log.file()->pMethods == nullptr) {
    std::destroy_at(&log);
    file->pMethods = nullptr;
    return code;
  }
  log.pMethods = &methods();
  log.room = room_of(log);
  log.gathered.reserve(log.room);  // Nothing is allocated later, where SQLite could not be told of a failure.
  return code;
}

}  // namespace

const char* gathering_vfs(const char* base_name) {
  sqlite3_vfs* base = sqlite3_vfs_find(base_name);
  if (base == nullptr) return base_name;
  const std::string name = std::string("gathering-") + base->zName;
  if (const sqlite3_vfs* known = sqlite3_vfs_find(name.c_str())) return known->zName;
  auto access = std::make_unique<Access>(Access{*base, base, name});
  access->zName = access->name.c_str();
  access->szOsFile = static_cast<int>(sizeof(Log)) + base->szOsFile;
  access->xOpen = &open;
  if (sqlite3_vfs_register(access.get(), 0) != SQLITE_OK) return base_name;
  return access.release()->zName;  // SQLite keeps it to the end.
}

}  // namespace mailchute
