// The daemon's ladder of logins, for the commands that try one themselves: a provider counts refused logins
// whoever tries them, and locks accounts that have too many. Asked before a login, told after it; while no
// daemon runs the queue is asked what it remembers, and nobody is told. Main thread, or one thread for each;
// waits for an answer.
#pragma once

#include <string>

#include "base/clock.h"
#include "base/locale.h"
#include "base/result.h"
#include "base/secret.h"
#include "control/operator.h"
#include "settings/settings.h"

namespace mailchute {

class LoginLadder {
 public:
  /// Other: the secret that will be tried is not stored where the daemon reads it.
  LoginLadder(const Settings& settings, const UpstreamSettings& upstream, LoginTrial::Secret which);

  /// Whether a login with this secret may be tried now. Fails when that cannot be found out, so that nobody
  /// tries for not knowing: code 77 when we may neither ask nor look.
  Result<LoginRest> ask(const Secret& secret) const;

  /// What became of it. An upstream that the daemon does not know is nothing to tell. Fails with code 69 when
  /// no daemon runs.
  Result<void> tell(const Secret& secret, const Reply& reply) const;

 private:
  LoginTrial trial(const Secret& secret) const;
  Result<LoginRest> remembered(const LoginTrial& trial) const;

  const Settings& settings_;
  const UpstreamSettings& upstream_;
  LoginTrial::Secret which_;
};

/// Why no login was tried, and until when none is, as one sentence for a person.
std::string withheld_words(const std::string& upstream, const LoginRest& rest, WallTime now,
                           Language language);

}  // namespace mailchute
