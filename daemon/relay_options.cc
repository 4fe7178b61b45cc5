#include "relay_options.h"

#include <algorithm>
#include <utility>

#include "schedule/route.h"
#include "settings/aliases.h"

namespace mailchute {

namespace {

const UpstreamSettings* find_upstream(const Settings& settings, const std::string& name) {
  const auto found = std::find_if(settings.upstreams.begin(), settings.upstreams.end(),
                                  [&](const UpstreamSettings& upstream) { return upstream.name == name; });
  return found == settings.upstreams.end() ? nullptr : &*found;
}

/// Trace lines and whatever else is added on the way to an upstream.
constexpr std::uint64_t kGrowthBytes = 4096;

struct SizeLimits {
  std::uint64_t offered = 0;  ///< What every upstream takes.
  std::uint64_t taken = 0;    ///< What one of them takes.
};

/// An app is told at once what would come back as a notice later.
SizeLimits size_limits(const Settings& settings) {
  if (settings.upstreams.empty()) return {settings.limits.message_size, settings.limits.message_size};
  const auto [least, most] =
      std::minmax_element(settings.upstreams.begin(), settings.upstreams.end(),
                          [](const auto& a, const auto& b) { return a.message_size < b.message_size; });
  const auto limit = [&](std::uint64_t upstreams) {
    const std::uint64_t room = upstreams > 2 * kGrowthBytes ? upstreams - kGrowthBytes : upstreams;
    return std::min(settings.limits.message_size, room);
  };
  return {limit(least->message_size), limit(most->message_size)};
}

bool sockets_changed(const Settings::Listen& old, const Settings::Listen& fresh) {
  return old.smtp != fresh.smtp || old.submit != fresh.submit || old.control != fresh.control;
}

}  // namespace

QueueOptions queue_options(const Settings& settings) {
  QueueOptions options;
  options.path = settings.queue.path;
  options.max_bytes = settings.queue.max_bytes;
  options.reserve = settings.queue.reserve;
  options.history = settings.queue.history;
  options.history_bodies = settings.queue.history_bodies;
  options.uncertain = uncertain_policy(settings.uncertain);
  return options;
}

void reroute(Queue& queue, const Settings& settings, UniqueFunction<void(QueueResult<std::size_t>)> then) {
  queue.reroute(all_routes(settings.routes), routing_fingerprint(settings.routes), route_chooser(settings),
                std::move(then));
}

AcceptRules accept_rules(const Settings& settings) {
  AcceptRules rules;
  rules.session.hostname = settings.hostname;
  rules.session.mail_domain.clear();
  rules.mail_domain = settings.mail_domain;
  rules.aliases = aliases_of(settings);
  const SizeLimits sizes = size_limits(settings);
  rules.session.size_offered = sizes.offered;
  rules.session.message_bytes_max = sizes.taken;
  rules.session.recipients_max = settings.limits.recipients;
  rules.session.command_patience = settings.limits.command_timeout;
  rules.session.content_patience = settings.limits.data_timeout;
  rules.header_bytes_max = settings.limits.header_size;
  rules.connections_max = settings.limits.connections;
  rules.connections_per_user_max = settings.limits.connections_per_user;
  rules.lifetime = settings.queue.lifetime;
  rules.route = route_chooser(settings);
  return rules;
}

DispatchOptions dispatch_options(const Settings& settings) {
  return {settings.routes, settings.cooldown, settings.retry, settings.queue.lifetime};
}

UpstreamLimits upstream_limits(const UpstreamSettings& upstream) {
  UpstreamLimits limits;
  limits.connections_max = upstream.max_connections;
  limits.recipients_max = upstream.recipients_per_message;
  limits.rate = upstream.rate;
  limits.quota = upstream.quota;
  return limits;
}

std::function<std::string(const std::optional<Mailbox>&, const Mailbox&)> route_chooser(
    const Settings& settings) {
  return [routes = settings.routes](const std::optional<Mailbox>& sender, const Mailbox& recipient) {
    return choose_route(routes, sender, recipient);
  };
}

log::Level log_level(const std::string& name) {
  if (name == "debug") return log::Level::Debug;
  if (name == "warning") return log::Level::Warning;
  return name == "error" ? log::Level::Error : log::Level::Info;
}

log::Format log_format(const std::string& name) {
  return name == "json" ? log::Format::Json : log::Format::Text;
}

const char* admission_name(Admission admission) {
  switch (admission) {
    case Admission::Open: return "open";
    case Admission::DiskReserve: return "disk_reserve";
    case Admission::QueueFull: return "queue_full";
    case Admission::UserShare: return "open";  // to the others
    case Admission::Broken: return "broken";
  }
  return "broken";
}

LiveUpstream live_upstream(const UpstreamStatus& status, const Settings& settings) {
  const UpstreamSettings* upstream = find_upstream(settings, status.name);
  LiveUpstream live;
  live.name = status.name;
  live.provider = upstream == nullptr ? "" : upstream->provider;
  live.state = upstream_state_name(status.state);
  live.reason = status.reason;
  live.trouble = status.trouble;
  live.until = status.until;
  live.last_success = status.last_success;
  live.connections = status.connections;
  return live;
}

std::string first_mistake(const std::vector<Diagnostic>& diagnostics) {
  const auto found = std::find_if(diagnostics.begin(), diagnostics.end(), [](const Diagnostic& diagnostic) {
    return diagnostic.severity == Diagnostic::Error;
  });
  if (found == diagnostics.end()) return "no reason given";
  return place_of(*found) + ": " + found->message;
}

std::vector<std::string> upstreams_gone(const Settings& old, const Settings& fresh) {
  std::vector<std::string> gone;
  for (const UpstreamSettings& upstream : old.upstreams)
    if (find_upstream(fresh, upstream.name) == nullptr) gone.push_back(upstream.name);
  return gone;
}

bool has_upstream(const Settings& settings, const UpstreamSettings& upstream) {
  const UpstreamSettings* same = find_upstream(settings, upstream.name);
  return same != nullptr && *same == upstream;
}

std::string what_changed(const Settings& old, const Settings& fresh) {
  std::string text;
  for (const UpstreamSettings& upstream : fresh.upstreams) {
    const UpstreamSettings* before = find_upstream(old, upstream.name);
    if (before == nullptr)
      text += "upstream " + upstream.name + " is new\n";
    else if (!(*before == upstream))
      text += "upstream " + upstream.name + " has changed\n";
  }
  for (const std::string& name : upstreams_gone(old, fresh)) text += "upstream " + name + " is gone\n";
  if (!(old.routes == fresh.routes)) text += "the routes have changed; queued mail follows the new ones\n";
  if (!(old.limits == fresh.limits)) text += "the limits have changed, for sessions that begin from now on\n";
  if (!(old.retry == fresh.retry) || !(old.cooldown == fresh.cooldown))
    text += "the retry times have changed\n";
  if (sockets_changed(old.listen, fresh.listen))
    text += "`listen` has changed: that takes a restart (systemctl restart mailchute)\n";
  else if (!(old.listen == fresh.listen))
    text += "the listener's TLS and logins have changed, for sessions that begin from now on\n";
  if (old.queue.path != fresh.queue.path) text += "`queue.path` has changed: that takes a restart\n";
  if (text.empty() && !(old == fresh)) text = "some values have changed\n";
  return text.empty()
             ? "nothing has changed; secrets are read again, and what could not be reached is tried now\n"
             : text;
}

}  // namespace mailchute
