#include "relay_logins.h"

#include <algorithm>

#include "deliver/trouble.h"

namespace mailchute {

namespace {

const UpstreamSettings* account(const Settings& settings, const std::string& name, const LoginTrial& trial) {
  const auto found =
      std::find_if(settings.upstreams.begin(), settings.upstreams.end(), [&](const UpstreamSettings& each) {
        return each.name == name && each.host == trial.host && each.user == trial.user;
      });
  return found == settings.upstreams.end() ? nullptr : &*found;
}

}  // namespace

std::optional<LoginRest> RelayLogins::rest(const std::string& upstream, const LoginTrial& trial) const {
  if (account(settings, upstream, trial) == nullptr) return std::nullopt;
  LoginRest rest{dispatcher.login_rests_until(upstream, trial.secret_fingerprint), ""};
  for (const UpstreamStatus& status : dispatcher.status())
    if (rest.until && status.name == upstream) rest.reason = status.reason;
  return rest;
}

bool RelayLogins::tried(const std::string& upstream, const LoginTrial& trial) const {
  const UpstreamSettings* known = account(settings, upstream, trial);
  if (known == nullptr) return false;
  const bool taken = trial.reply.positive();
  if (trial.secret == LoginTrial::Secret::Other) {
    if (!taken) dispatcher.other_secret_refused(upstream, trial.reply);
  } else if (taken) {
    dispatcher.login_taken(upstream, trial.secret_fingerprint);
    alerts.on_ready(upstream);
  } else {
    dispatcher.login_refused(upstream, trial.secret_fingerprint);
    alerts.on_trouble(upstream, trouble_of(*known, Stage::Auth, trial.reply));
  }
  return true;
}

}  // namespace mailchute
