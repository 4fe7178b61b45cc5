#include "settings/upstreams.h"

#include <algorithm>

#include "base/text.h"

namespace mailchute {

namespace {

constexpr std::size_t kNameBytes = 64;

std::string in_quotes(std::string_view text) { return "\"" + printable(text, 120) + "\""; }

const auto kNothingSpecial = [](const auto&, const Node::Entry&) { return false; };

bool good_name(std::string_view name) {
  return !name.empty() && name.size() <= kNameBytes && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  });
}

std::string scalar(const Node& map, std::string_view key) {
  const Node* node = map.find(key);
  return node != nullptr && node->kind == Node::Kind::Scalar ? node->scalar : std::string();
}

/// The profile that `provider` names, or the user's domain when neither provider nor host is given: who names
/// a host means it.
const Profile* choose_profile(Reading& reading, const Profiles& profiles, const Node& map) {
  const Profile* custom = profiles.find("custom");
  const Node* provider = map.find("provider");
  if (provider == nullptr) {
    const Profile* followed = map.find("host") == nullptr ? profiles.for_user(scalar(map, "user")) : nullptr;
    return followed != nullptr ? followed : custom;
  }
  if (provider->kind != Node::Kind::Scalar) return custom;
  if (const Profile* named = profiles.find(provider->scalar)) return named;
  const std::string meant = closest(provider->scalar, profiles.names());
  std::string known;
  for (const auto& name : profiles.names()) known += (known.empty() ? "known: " : ", ") + name;
  reading.report.error(provider->where, "there is no provider " + in_quotes(provider->scalar),
                       meant.empty() ? known : "did you mean " + in_quotes(meant) + "?");
  return custom;
}

std::uint16_t usual_port(TlsMode tls) {
  switch (tls) {
    case TlsMode::Implicit: return 465;
    case TlsMode::StartTls: return 587;
    case TlsMode::None: return 25;
  }
  return 465;
}

/// 465 (RFC 8314) and the providers' alternatives to it speak TLS from the first byte; 587, 25, 2525 and 2587
/// do not. Another port is a tunnel or a test, and says nothing: the profile's mode holds.
TlsMode usual_tls(std::uint16_t port, TlsMode otherwise) {
  if (port == 465 || port == 2465 || port == 994) return TlsMode::Implicit;
  return port == 587 || port == 25 || port == 2525 || port == 2587 ? TlsMode::StartTls : otherwise;
}

/// Port and TLS mode follow from each other; the one that a person wrote leads, and is where the other comes
/// from.
void settle_port_and_tls(Reading& reading, const std::string& path, const Node& map,
                         UpstreamSettings& upstream) {
  const Node* port = map.find("port");
  const Node* tls = map.find("tls");
  if (port != nullptr && tls == nullptr && upstream.port != 0) {
    upstream.tls = usual_tls(upstream.port, upstream.tls);
    reading.given[path + "tls"] = port->where;
  }
  if (tls != nullptr && port == nullptr) {
    upstream.port = usual_port(upstream.tls);
    reading.given[path + "port"] = tls->where;
  }
  if (upstream.port == 0) upstream.port = usual_port(upstream.tls);
}

void need_host(Reading& reading, const Node::Entry& entry, const Profile& profile,
               const UpstreamSettings& upstream) {
  const Node* provider = entry.value.find("provider");
  const bool told =
      entry.value.find("host") != nullptr || (provider != nullptr && provider->scalar != profile.name);
  if (!upstream.host.empty() || told || !reading.report.complete()) return;
  if (!profile.head.host_example.empty()) {
    reading.report.error(entry.where, "upstream " + entry.key + " needs a host",
                         "provider " + profile.name + " has many; write host: " + profile.head.host_example);
    return;
  }
  reading.report.error(
      entry.where, "upstream " + entry.key + " needs a provider or a host",
      "no provider follows from the user's domain; write provider: NAME, or host: smtp.example.com");
}

/// What only a profile can say.
void take_facts(const Profile& profile, UpstreamSettings& upstream) {
  upstream.rules = profile.rules;
  upstream.secret = profile.head.secret;
  upstream.alternatives = profile.alternatives;
  for (Alternative& other : upstream.alternatives)
    if (other.host.empty()) other.host = upstream.host;
}

void read_upstream(Reading& reading, const Profiles& profiles, const Node::Entry& entry,
                   std::vector<UpstreamSettings>& upstreams) {
  const std::string path = "upstreams." + entry.key + ".";
  const Profile& profile = *choose_profile(reading, profiles, entry.value);
  UpstreamSettings upstream;
  read_defaults(reading, profile, upstream, path);
  read_keys(reading, upstream_keys(), upstream, entry.value, Scope{path, "upstreams.*."}, kNothingSpecial);
  upstream.name = entry.key;
  upstream.provider = profile.name;
  settle_port_and_tls(reading, path, entry.value, upstream);
  // A profile that nobody named follows from the user.
  if (entry.value.find("provider") == nullptr && profile.name != UpstreamSettings{}.provider)
    reading.given[path + "provider"] = reading.where(path + "user");
  need_host(reading, entry, profile, upstream);
  take_facts(profile, upstream);
  upstreams.push_back(std::move(upstream));
}

template <typename Owner>
void read_list(Reading& reading, const Node& list, const std::string& name, std::span<const Key<Owner>> keys,
               std::string_view needed, std::vector<Owner>& values) {
  if (list.kind == Node::Kind::Null || list.kind == Node::Kind::Hole) return;
  if (list.kind != Node::Kind::List)
    return reading.report.error(list.where, name + " takes a list",
                                "begin each entry with a dash: - { key: value }");
  for (std::size_t i = 0; i < list.items.size(); ++i) {
    const std::string path = name + "." + std::to_string(i);
    const Node& item = list.items[i];
    reading.given[path] = item.where;
    if (!is_section(reading, item, path)) continue;
    Owner value;
    read_keys(reading, keys, value, item, Scope{path + ".", name + ".*."}, kNothingSpecial);
    if (item.find(needed) == nullptr && reading.report.complete())
      reading.report.error(item.where, "this entry of " + name + " needs " + std::string(needed));
    values.push_back(std::move(value));
  }
}

}  // namespace

void read_upstreams(Reading& reading, const Profiles& profiles, const Node& map,
                    std::vector<UpstreamSettings>& upstreams) {
  if (!is_section(reading, map, "upstreams")) return;
  for (const auto& entry : map.entries) {
    if (!good_name(entry.key)) {
      reading.report.error(entry.where, in_quotes(entry.key) + " is not a name for an upstream",
                           "use letters, digits, - and _, at most " + std::to_string(kNameBytes));
      reading.report.incomplete();
      continue;
    }
    reading.given["upstreams." + entry.key] = entry.where;
    if (is_section(reading, entry.value, "upstreams." + entry.key))
      read_upstream(reading, profiles, entry, upstreams);
  }
}

void read_routes(Reading& reading, const Node& list, std::vector<RouteSettings>& routes) {
  read_list(reading, list, "routes", route_keys(), "via", routes);
}

void read_smtp_users(Reading& reading, const Node& list, std::vector<SmtpUser>& users) {
  read_list(reading, list, "listen.smtp_users", smtp_user_keys(), "name", users);
}

void finish_routes(Reading& reading, Settings& settings) {
  std::vector<std::string> names;
  for (const auto& upstream : settings.upstreams) names.push_back(upstream.name);
  const auto takes_all = [](const RouteSettings& route) { return route.from == "*" && route.to == "*"; };
  for (std::size_t i = 0; i < settings.routes.size(); ++i) {
    const std::string path = "routes." + std::to_string(i) + ".via";
    const auto& via = settings.routes[i].via;
    for (const auto& name : via) {
      if (std::find(names.begin(), names.end(), name) != names.end() || !reading.report.complete()) continue;
      const std::string meant = closest(name, names);
      reading.report.error(reading.where(path), "there is no upstream " + in_quotes(name),
                           meant.empty() ? "write the name of one that stands under upstreams"
                                         : "did you mean " + in_quotes(meant) + "?");
    }
    if (takes_all(settings.routes[i]) && i + 1 < settings.routes.size())
      reading.report.warning(reading.where("routes." + std::to_string(i + 1)), "no mail reaches this route",
                             "an earlier one takes everything; the first match wins");
  }
  if (settings.routes.empty() || !takes_all(settings.routes.back()))
    settings.routes.push_back({"*", "*", names});
}

}  // namespace mailchute
