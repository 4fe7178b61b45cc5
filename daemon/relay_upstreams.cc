#include "relay_upstreams.h"

#include <utility>

#include "deliver/upstream.h"
#include "net/fingerprint.h"
#include "relay_options.h"
#include "relay_secrets.h"
#include "settings/secret.h"

namespace mailchute {

void RelayUpstreams::add_all(const Settings& settings) {
  for (const UpstreamSettings& upstream : settings.upstreams) add(upstream, settings);
}

void RelayUpstreams::renew(const Settings& old, const Settings& fresh) {
  for (const std::string& gone : upstreams_gone(old, fresh)) dispatcher_.remove(gone);
  for (const UpstreamSettings& upstream : fresh.upstreams) {
    const bool same = has_upstream(old, upstream);
    if (!same || old.hostname != fresh.hostname) add(upstream, fresh);
    if (!same) dispatcher_.settings_changed(upstream.name);
    // Nobody logs in while an upstream rests, so nobody else would see that the secret is a new one.
    if (same && !upstream.user.empty() && !uses_token(upstream))
      fetch_marked(upstream, [](const Result<Secret>&) {});
  }
}

void RelayUpstreams::add(const UpstreamSettings& upstream, const Settings& settings) {
  FetchSecret fetch = [this, upstream](UniqueFunction<void(Result<Secret>)> then) {
    fetch_marked(upstream, std::move(then));
  };
  dispatcher_.add(upstream.name,
                  std::make_unique<Upstream>(upstream, settings.hostname, std::move(fetch), tools_, alerts_),
                  upstream_limits(upstream));
}

// What a secret was is told to the dispatcher as a mark, so that a new one ends a cooldown. Each token is a
// new one, and says nothing.
void RelayUpstreams::fetch_marked(const UpstreamSettings& upstream,
                                  UniqueFunction<void(Result<Secret>)> then) {
  fetch_secret(loop_, processes_, upstream,
               lifeline_.bind([this, upstream, then = std::move(then)](Result<Secret> secret) mutable {
                 if (secret && !uses_token(upstream))
                   dispatcher_.secret_changed(upstream.name, secret_fingerprint(*secret, upstream.name));
                 then(std::move(secret));
               }));
}

}  // namespace mailchute
