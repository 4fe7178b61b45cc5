#include "command/setup_write.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <vector>

#include "base/exit_codes.h"
#include "command/secret_store.h"
#include "settings/new_file.h"

namespace mailchute {

namespace {

/// ^C between the two files must not leave half of them.
class SignalsWait {
 public:
  SignalsWait() {
    sigset_t ending;
    ::sigemptyset(&ending);
    for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP}) ::sigaddset(&ending, number);
    ::sigprocmask(SIG_BLOCK, &ending, &before_);
  }
  SignalsWait(const SignalsWait&) = delete;
  SignalsWait& operator=(const SignalsWait&) = delete;
  ~SignalsWait() { ::sigprocmask(SIG_SETMASK, &before_, nullptr); }

 private:
  sigset_t before_{};
};

std::string folder_of(const std::string& path) { return path.substr(0, path.rfind('/')); }

bool exists(const std::string& path) {
  struct stat facts {};
  return ::stat(path.c_str(), &facts) == 0;
}

/// Folders that were missing, made from the top and removed again from the bottom unless kept.
class MadeFolders {
 public:
  MadeFolders() = default;
  MadeFolders(const MadeFolders&) = delete;
  MadeFolders& operator=(const MadeFolders&) = delete;
  ~MadeFolders() {
    // One in which something lies stays.
    for (auto path = paths_.rbegin(); path != paths_.rend(); ++path) ::rmdir(path->c_str());
  }

  Result<void> make(const std::string& path, mode_t mode) {
    if (path.empty() || exists(path)) return {};
    TRY_VOID(make(folder_of(path), mode));
    TRY_VOID(make_folder(path, {mode}));
    paths_.push_back(path);
    return {};
  }
  /// prepare_secret() makes it, with the service's access.
  void note(const std::string& path) {
    if (!exists(path)) paths_.push_back(path);
  }
  void keep() { paths_.clear(); }

 private:
  std::vector<std::string> paths_;
};

FileAccess config_access(const std::string& path) {
  struct stat facts {};
  if (::stat(path.c_str(), &facts) == 0) return {facts.st_mode & 07777, facts.st_gid};
  return {::geteuid() == 0 ? static_cast<mode_t>(0644) : static_cast<mode_t>(0600)};
}

}  // namespace

Result<void> write_setup(const SetupFiles& files) {
  const SignalsWait wait;
  MadeFolders folders;
  TRY_VOID(folders.make(folder_of(files.config_path), ::geteuid() == 0 ? 0755 : 0700));
  std::optional<NewFile> secret;
  if (files.secret) {
    folders.note(folder_of(files.secret_path));
    secret.emplace(TRY(prepare_secret(files.secret_path, *files.secret)));
  }
  NewFile config =
      TRY(NewFile::prepare(files.config_path, files.config_text, config_access(files.config_path)));
  auto placed = secret ? secret->place() : Result<void>{};
  if (placed) placed = config.place();
  // One that is in place and could not be synced goes back too.
  if (!placed) {
    config.undo();
    if (secret) secret->undo();
    return placed;
  }
  folders.keep();
  return {};
}

Result<void> check_writable(const std::string& config_path) {
  std::string folder = folder_of(config_path);
  while (!folder.empty() && !exists(folder)) folder = folder_of(folder);
  if (folder.empty()) folder += '/';
  if (::faccessat(AT_FDCWD, folder.c_str(), W_OK, AT_EACCESS) == 0) return {};
  return fail("cannot write " + config_path + ": " + std::strerror(errno),
              errno == EACCES || errno == EROFS || errno == EPERM ? exit_code::kPermission
                                                                  : exit_code::kCannotCreate);
}

}  // namespace mailchute
