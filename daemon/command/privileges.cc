#include "command/privileges.h"

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "base/descriptor.h"
#include "base/exit_codes.h"
#include "net/listening.h"
#include "settings/new_file.h"

namespace mailchute {

namespace {

constexpr char kUser[] = "mailchute";

std::string folder_of(const std::string& path) {
  const auto slash = path.rfind('/');
  return slash == 0 || slash == std::string::npos ? "/" : path.substr(0, slash);
}

/// For a moment files are looked at as the user would: what root may read says nothing. Restored when it
/// goes.
class ThroughTheEyesOf {
 public:
  explicit ThroughTheEyesOf(const ServiceUser& user) : groups_(own_groups()) {
    good_ = ::initgroups(user.name.c_str(), user.gid) == 0 && ::setegid(user.gid) == 0 &&
            ::seteuid(user.uid) == 0;
  }
  ThroughTheEyesOf(const ThroughTheEyesOf&) = delete;
  ThroughTheEyesOf& operator=(const ThroughTheEyesOf&) = delete;
  ~ThroughTheEyesOf() {
    CHECK(::seteuid(0) == 0 && ::setegid(0) == 0 && ::setgroups(groups_.size(), groups_.data()) == 0);
  }
  bool good() const { return good_; }

 private:
  static std::vector<gid_t> own_groups() {
    std::vector<gid_t> groups(static_cast<std::size_t>(std::max(::getgroups(0, nullptr), 0)));
    groups.resize(
        static_cast<std::size_t>(std::max(::getgroups(static_cast<int>(groups.size()), groups.data()), 0)));
    return groups;
  }

  std::vector<gid_t> groups_;
  bool good_ = false;
};

tl::unexpected<Error> stands_in_the_way(const ServiceUser& user, const std::string& path,
                                        const std::string& what, const std::string& command) {
  return fail("the user " + user.name + " cannot " + what + " " + path + ": " + std::strerror(errno) +
                  "; next: " + command,
              exit_code::kPermission);
}

/// A file that is not there yet is nobody's obstacle.
Result<void> check_readable(const ServiceUser& user, const std::string& path) {
  if (path.empty() || ::faccessat(AT_FDCWD, path.c_str(), R_OK, AT_EACCESS) == 0 || errno == ENOENT)
    return {};
  return stands_in_the_way(user, path, "read", "chgrp " + user.name + " " + path + "; chmod 0640 " + path);
}

std::string command_for_folder(const ServiceUser& user, const std::string& folder, const char* mode) {
  return "install -d -o " + user.name + " -g " + user.name + " -m " + mode + " " + folder;
}

/// Its neighbours are made and removed by the database: writing into the folder is not enough, it must not be
/// anybody else's.
Result<void> check_queue(const ServiceUser& user, const std::string& path) {
  const std::string folder = folder_of(path);
  const std::string command = command_for_folder(user, folder, "0700");
  struct stat found {};
  if (::stat(folder.c_str(), &found) != 0) return stands_in_the_way(user, folder, "enter", command);
  if (found.st_uid != user.uid)
    return fail(
        "the queue's folder " + folder + " does not belong to the user " + user.name + "; next: " + command,
        exit_code::kPermission);
  if (::stat(path.c_str(), &found) == 0 && found.st_uid != user.uid)
    return fail("the queue " + path + " does not belong to the user " + user.name + "; next: chown " +
                    user.name + " " + path + "*",
                exit_code::kPermission);
  return {};
}

/// The folder of `path`.
Result<void> make_missing(const ServiceUser& user, const std::string& path, const FileAccess& access,
                          const char* mode) {
  const std::string folder = folder_of(path);
  struct stat found {};
  if (path.empty() || ::stat(folder.c_str(), &found) == 0) return {};
  const auto made = make_folder(folder, access);
  if (made) return {};
  return fail(made.error().text + "; next: " + command_for_folder(user, folder, mode), made.error().code);
}

Result<void> check_secrets(const ServiceUser& user, const Settings& settings) {
  for (const UpstreamSettings& upstream : settings.upstreams) {
    TRY_VOID(check_readable(user, upstream.password_file));
    TRY_VOID(check_readable(user, upstream.ca_file));
  }
  return {};
}

/// The folder is the user's, who may put anything in the socket's place: nothing but a socket is given away,
/// and what was looked at is what is given.
bool give_socket(const std::string& path, const ServiceUser& user) {
  const Descriptor place(::open(path.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
  struct stat facts {};
  if (!place || ::fstat(place.get(), &facts) != 0) return false;
  if (!S_ISSOCK(facts.st_mode)) {
    errno = ENOTSOCK;
    return false;
  }
  return ::fchownat(place.get(), "", user.uid, user.gid, AT_EMPTY_PATH) == 0;
}

Result<void> bind_path(const ServiceUser& user, const std::string& name, const std::string& path, mode_t mode,
                       std::vector<InheritedSocket>& sockets) {
  if (path.empty()) return {};
  Descriptor socket = TRY(listen_on_path(path, mode));
  if (!give_socket(path, user))
    return fail("cannot give " + path + " to the user " + user.name + ": " + std::strerror(errno),
                exit_code::kPermission);
  sockets.push_back({name, std::move(socket)});
  return {};
}

}  // namespace

void harden_process() {
  const rlimit no_core{0, 0};
  ::setrlimit(RLIMIT_CORE, &no_core);
  ::prctl(PR_SET_DUMPABLE, 0);
  ::umask(0077);
}

std::optional<ServiceUser> service_user() {
  const passwd* found = ::getpwnam(kUser);
  if (found == nullptr || found->pw_uid == 0) return std::nullopt;
  return ServiceUser{kUser, found->pw_dir, found->pw_uid, found->pw_gid};
}

Result<void> check_access(const ServiceUser& user, const Settings& settings) {
  const ThroughTheEyesOf eyes(user);
  if (!eyes.good()) return fail("cannot look at files as the user " + user.name, exit_code::kPermission);
  TRY_VOID(check_readable(user, settings.path));
  TRY_VOID(check_secrets(user, settings));
  return check_queue(user, settings.queue.path);
}

Result<void> make_missing_folders(const ServiceUser& user, const Settings& settings) {
  TRY_VOID(make_missing(user, settings.queue.path, {0700, user.gid, user.uid}, "0700"));
  for (const std::string& path : {settings.listen.submit, settings.listen.control})
    TRY_VOID(make_missing(user, path, {0755, user.gid, user.uid}, "0755"));
  return {};
}

Result<void> check_listener_access(const ServiceUser& user, const Settings& settings) {
  const ThroughTheEyesOf eyes(user);
  if (!eyes.good()) return fail("cannot look at files as the user " + user.name, exit_code::kPermission);
  TRY_VOID(check_readable(user, settings.listen.tls_certificate));
  TRY_VOID(check_readable(user, settings.listen.tls_key));
  for (const SmtpUser& each : settings.listen.smtp_users) TRY_VOID(check_readable(user, each.password_file));
  return {};
}

Result<std::vector<InheritedSocket>> bind_sockets(const ServiceUser& user, const Settings& settings) {
  std::vector<InheritedSocket> sockets;
  // What systemd passed takes the place of `listen`, and is taken by the relay itself.
  if (std::getenv("LISTEN_FDS") != nullptr) return sockets;
  auto smtp = TRY(listen_on_each(settings.listen.smtp));
  for (Descriptor& socket : smtp) sockets.push_back({"smtp", std::move(socket)});
  TRY_VOID(bind_path(user, "submit", settings.listen.submit, 0666, sockets));
  TRY_VOID(bind_path(user, "control", settings.listen.control, 0660, sockets));
  return sockets;
}

Result<void> become(const ServiceUser& user) {
  const bool done = ::initgroups(user.name.c_str(), user.gid) == 0 &&
                    ::setresgid(user.gid, user.gid, user.gid) == 0 &&
                    ::setresuid(user.uid, user.uid, user.uid) == 0;
  if (!done)
    return fail("cannot become the user " + user.name + ": " + std::strerror(errno), exit_code::kPermission);
  if (::setuid(0) == 0)
    return fail("the user " + user.name + " could become root again", exit_code::kPermission);
  // Programs that print secrets look for their files here.
  ::setenv("HOME", user.home.c_str(), 1);
  return {};
}

}  // namespace mailchute
