// The files behind the SMTP listener's door: certificate, key and passwords, read away from the loop, and
// made into what the doorkeeper goes by. A certificate that cannot be used leaves the former one in force,
// and the listener working. Loop thread only, unless it says otherwise.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "accept/doorkeeper.h"
#include "base/result.h"
#include "base/secret.h"
#include "net/loop.h"
#include "settings/load.h"
#include "settings/settings.h"

namespace mailchute {

/// What was found in the files.
struct DoorFiles {
  Result<std::string> chain_pem = std::string();  ///< Empty: none is configured.
  Result<Secret> key_pem = Secret();
  struct User {
    std::string name;
    Result<Secret> password;
  };
  std::vector<User> users;
};

/// Waits for the disk: any thread but the loop's, once mail flows.
DoorFiles read_door_files(const Settings::Listen& listen);

/// All that a reload reads. `door` only where `loaded` holds settings.
struct Fresh {
  Loaded loaded;
  DoorFiles door;
};
Fresh read_fresh(const LoadOptions& options);

/// From now on the doorkeeper goes by these. What cannot be used is logged, one line each: without a
/// certificate, now or from before, there are neither TLS nor logins, and strangers are put off. `loop`
/// carries the TLS streams and must outlive the doorkeeper.
void change_door(Doorkeeper& doorkeeper, Loop& loop, const Settings::Listen& listen, DoorFiles files);

/// For load(): looks at a certificate as the listener would use it. Any thread.
Result<std::optional<WallTime>> examine_certificate(const std::string& chain_pem, const Secret& key_pem);

}  // namespace mailchute
