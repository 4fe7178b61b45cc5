// What a daemon that was started as root does about it: it takes the sockets that only root may have, and
// then becomes the user `mailchute`, or refuses to start. At start only, before there are threads.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "net/inherited.h"
#include "settings/settings.h"

namespace mailchute {

/// Secrets in memory must not reach a core file or a tracer of the same user, and files that are made are for
/// us alone. To be said again after a change of the user, which undoes a part of it (prctl(2)).
void harden_process();

/// The user whom the daemon runs as.
struct ServiceUser {
  std::string name;
  std::string home;
  uid_t uid = 0;
  gid_t gid = 0;
};

/// `mailchute`, when the system knows it.
std::optional<ServiceUser> service_user();

/// Whether this user can do the daemon's work with these files: read the configuration, the secrets and the
/// certificates, and own the queue's folder. The error names the first file that stands in the way, and what
/// to type. Only root may ask: it looks through the user's eyes.
Result<void> check_access(const ServiceUser& user, const Settings& settings);

/// Makes the folders of the queue and of the sockets where they are missing, for this user: systemd would,
/// and /run is empty after a boot. Folders above them are not made.
Result<void> make_missing_folders(const ServiceUser& user, const Settings& settings);
/// The same of what the listener needs for TLS and logins. Its lack does not stop the daemon: mail of this
/// machine goes on without.
Result<void> check_listener_access(const ServiceUser& user, const Settings& settings);

/// The sockets of `listen` that systemd did not pass, by the names under which it would; those with a path
/// are given to the user.
Result<std::vector<InheritedSocket>> bind_sockets(const ServiceUser& user, const Settings& settings);

/// Becomes the user, for good: groups, group, user. An error when anything of root could be had back.
Result<void> become(const ServiceUser& user);

}  // namespace mailchute
