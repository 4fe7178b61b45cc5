// A disk that fails on demand: SQLite's own access to files, with faults in between. One at a time in a
// process; any thread.
#pragma once

#include <sqlite3.h>
#include <unistd.h>

#include <atomic>
#include <cstring>
#include <mutex>
#include <string>
#include <string_view>

namespace mailchute::fake {

class FaultyVfs {
 public:
  enum class Call { Write, Sync, Read };

  /// What goes wrong: calls of this kind on files whose name ends so give `code`, after `spared` of them,
  /// `times` times.
  struct Fault {
    Call call = Call::Write;
    std::string name_end;
    int code = SQLITE_IOERR;
    int spared = 0;
    int times = 1 << 30;
    int system_errno = 0;
    std::string only_while_exists;  ///< A path; empty: always.
  };

  /// The name to open a database with.
  static const char* name() {
    instance();
    return "faulty";
  }

  static void set(Fault fault) {
    const std::lock_guard lock(instance().mutex_);
    instance().fault_ = std::move(fault);
    instance().armed_ = true;
    instance().hits_ = 0;
  }
  static void clear() {
    const std::lock_guard lock(instance().mutex_);
    instance().armed_ = false;
  }
  /// How often it has gone wrong since set().
  static int hits() { return instance().hits_; }
  /// Calls of this kind since the process began.
  static int syncs() { return instance().syncs_; }
  /// Only those into a write-ahead log.
  static int log_writes() { return instance().log_writes_; }

 private:
  struct File {
    sqlite3_file base;
    char name[512];
    sqlite3_file* real() { return reinterpret_cast<sqlite3_file*>(this + 1); }
  };

  static FaultyVfs& instance() {
    static FaultyVfs vfs;
    return vfs;
  }

  FaultyVfs() : real_(sqlite3_vfs_find(nullptr)), vfs_(*real_) {
    vfs_.zName = "faulty";
    vfs_.szOsFile = static_cast<int>(sizeof(File)) + real_->szOsFile;
    vfs_.xOpen = &open;
    vfs_.xGetLastError = &no_last_error;
    sqlite3_vfs_register(&vfs_, 0);
    methods_.iVersion = 3;
    methods_.xClose = [](sqlite3_file* f) { return real(f)->pMethods->xClose(real(f)); };
    methods_.xRead = [](sqlite3_file* f, void* to, int size, sqlite3_int64 at) {
      if (const int code = trouble(Call::Read, f)) return code;
      return real(f)->pMethods->xRead(real(f), to, size, at);
    };
    methods_.xWrite = [](sqlite3_file* f, const void* from, int size, sqlite3_int64 at) {
      if (std::string_view(reinterpret_cast<File*>(f)->name).ends_with("-wal")) ++instance().log_writes_;
      if (const int code = trouble(Call::Write, f)) return code;
      return real(f)->pMethods->xWrite(real(f), from, size, at);
    };
    methods_.xTruncate = [](sqlite3_file* f, sqlite3_int64 size) {
      return real(f)->pMethods->xTruncate(real(f), size);
    };
    methods_.xSync = [](sqlite3_file* f, int flags) {
      ++instance().syncs_;
      if (const int code = trouble(Call::Sync, f)) return code;
      return real(f)->pMethods->xSync(real(f), flags);
    };
    methods_.xFileSize = [](sqlite3_file* f, sqlite3_int64* size) {
      return real(f)->pMethods->xFileSize(real(f), size);
    };
    methods_.xLock = [](sqlite3_file* f, int kind) { return real(f)->pMethods->xLock(real(f), kind); };
    methods_.xUnlock = [](sqlite3_file* f, int kind) { return real(f)->pMethods->xUnlock(real(f), kind); };
    methods_.xCheckReservedLock = [](sqlite3_file* f, int* out) {
      return real(f)->pMethods->xCheckReservedLock(real(f), out);
    };
    methods_.xFileControl = [](sqlite3_file* f, int op, void* arg) {
      if (op == SQLITE_FCNTL_LAST_ERRNO) {
        *static_cast<int*>(arg) = file_errno();
        return SQLITE_OK;
      }
      return real(f)->pMethods->xFileControl(real(f), op, arg);
    };
    methods_.xSectorSize = [](sqlite3_file* f) { return real(f)->pMethods->xSectorSize(real(f)); };
    methods_.xDeviceCharacteristics = [](sqlite3_file* f) {
      return real(f)->pMethods->xDeviceCharacteristics(real(f));
    };
    methods_.xShmMap = [](sqlite3_file* f, int page, int size, int extend, void volatile** out) {
      return real(f)->pMethods->xShmMap(real(f), page, size, extend, out);
    };
    methods_.xShmLock = [](sqlite3_file* f, int at, int n, int flags) {
      return real(f)->pMethods->xShmLock(real(f), at, n, flags);
    };
    methods_.xShmBarrier = [](sqlite3_file* f) { real(f)->pMethods->xShmBarrier(real(f)); };
    methods_.xShmUnmap = [](sqlite3_file* f, int remove) {
      return real(f)->pMethods->xShmUnmap(real(f), remove);
    };
    methods_.xFetch = [](sqlite3_file* f, sqlite3_int64 at, int n, void** out) {
      return real(f)->pMethods->xFetch(real(f), at, n, out);
    };
    methods_.xUnfetch = [](sqlite3_file* f, sqlite3_int64 at, void* page) {
      return real(f)->pMethods->xUnfetch(real(f), at, page);
    };
  }

  static sqlite3_file* real(sqlite3_file* file) { return reinterpret_cast<File*>(file)->real(); }

  static int open(sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* out_flags) {
    auto* ours = reinterpret_cast<File*>(file);
    std::strncpy(ours->name, name == nullptr ? "" : name, sizeof(ours->name) - 1);
    ours->name[sizeof(ours->name) - 1] = '\0';
    ours->base.pMethods = nullptr;
    const int code = instance().real_->xOpen(instance().real_, name, ours->real(), flags, out_flags);
    if (ours->real()->pMethods != nullptr) ours->base.pMethods = &instance().methods_;
    return code;
  }

  /// As the real one: a failed COMMIT leaves nothing here, the file itself has to be asked.
  static int no_last_error(sqlite3_vfs*, int, char*) { return 0; }

  static int file_errno() {
    const std::lock_guard lock(instance().mutex_);
    return instance().armed_ ? instance().fault_.system_errno : 0;
  }

  static int trouble(Call call, sqlite3_file* file) {
    FaultyVfs& self = instance();
    const std::lock_guard lock(self.mutex_);
    const std::string_view name = reinterpret_cast<File*>(file)->name;
    if (!self.armed_ || self.fault_.call != call || !name.ends_with(self.fault_.name_end)) return SQLITE_OK;
    if (!self.fault_.only_while_exists.empty() && ::access(self.fault_.only_while_exists.c_str(), F_OK) != 0)
      return SQLITE_OK;
    if (self.fault_.spared-- > 0) return SQLITE_OK;
    if (self.fault_.times-- <= 0) return SQLITE_OK;
    ++self.hits_;
    return self.fault_.code;
  }

  sqlite3_vfs* real_;
  sqlite3_vfs vfs_;
  sqlite3_io_methods methods_{};
  std::mutex mutex_;
  Fault fault_;
  bool armed_ = false;
  std::atomic<int> hits_{0};
  std::atomic<int> syncs_{0};
  std::atomic<int> log_writes_{0};
};

}  // namespace mailchute::fake
