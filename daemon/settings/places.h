// Where things lie when nobody says otherwise: under /etc, /var/lib and /run for the system, under the XDG
// folders for a person. Asks the file system at most whether a file exists. Any thread.
#pragma once

#include <sys/types.h>

#include <map>
#include <string>
#include <vector>

namespace mailchute {

/// Defaults that depend on who runs the program. The values here are the system's.
struct Places {
  std::string configuration = "/etc/mailchute/mailchute.yaml";
  std::string queue = "/var/lib/mailchute/queue.db";
  std::string submit = "/run/mailchute/submit.sock";
  std::string control = "/run/mailchute/control.sock";
  /// For a profile found in several folders the first wins.
  std::vector<std::string> provider_dirs = {"/etc/mailchute/providers", "/usr/share/mailchute/providers"};

  bool operator==(const Places&) const = default;
};

/// The places of `uid`: the system's for root, else the XDG folders named in `environment` (a relative one is
/// ignored, as the XDG Base Directory specification asks; without XDG_RUNTIME_DIR the sockets lie beside the
/// queue).
Places places_of(uid_t uid, const std::map<std::string, std::string>& environment);

/// The places that go with the configuration `path`; empty: the default. A person who has no configuration of
/// their own uses the system's (so that sendmail finds its socket), and whoever names a file under
/// /etc/mailchute means the system's places too: the service runs as a user of its own.
Places places_for(const std::string& path, uid_t uid, const std::map<std::string, std::string>& environment);

}  // namespace mailchute
