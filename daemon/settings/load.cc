#include "settings/load.h"

#include <sys/stat.h>

#include <filesystem>

#include "base/text.h"
#include "settings/aliases.h"
#include "settings/check.h"
#include "settings/credentials.h"
#include "settings/host.h"
#include "settings/layers.h"
#include "settings/listener_check.h"
#include "settings/profile.h"
#include "settings/reading.h"
#include "settings/upstreams.h"

namespace mailchute {

namespace {

constexpr std::string_view kLoopbackLiteral = "[127.0.0.1]";

std::string absolute_path(const std::string& path) {
  std::error_code error;
  const auto absolute = std::filesystem::absolute(path, error);
  return error ? path : absolute.lexically_normal().string();
}

bool exists(const std::string& path) {
  struct stat status {};
  return stat(path.c_str(), &status) == 0;
}

Settings settings_before_reading(const LoadOptions& options, const std::string& path) {
  Settings settings;
  settings.path = path;
  settings.queue.path = options.places.queue;
  settings.listen.submit = options.places.submit;
  settings.listen.control = options.places.control;
  if (exists(options.system_aliases)) settings.aliases_file = options.system_aliases;
  return settings;
}

void read_tree(Reading& reading, const Profiles& profiles, const Node& tree, Settings& settings) {
  const auto tables = [&](const Key<Settings>& key, const Node::Entry& entry) {
    switch (key.form.kind) {
      case Form::Upstreams: read_upstreams(reading, profiles, entry.value, settings.upstreams); return true;
      case Form::Routes: read_routes(reading, entry.value, settings.routes); return true;
      case Form::SmtpUsers: read_smtp_users(reading, entry.value, settings.listen.smtp_users); return true;
      default: return false;
    }
  };
  read_keys(reading, settings_keys(), settings, tree, Scope{}, tables);
}

/// EHLO wants a full name or an address literal (RFC 5321 4.1.1.1); `localhost` or a short name gets mail
/// refused.
void settle_names(Reading& reading, const LoadOptions& options, Settings& settings) {
  if (settings.hostname.empty()) {
    const auto own = canonical_domain(options.system_hostname);
    const bool full = own && own->find('.') != std::string::npos && !own->starts_with("localhost");
    settings.hostname = full ? *own : std::string(kLoopbackLiteral);
  }
  if (!settings.mail_domain.empty()) return;
  settings.mail_domain = settings.hostname;
  if (settings.hostname.starts_with('[') && reading.report.complete())
    reading.report.warning({0, 0, 0},
                           "this machine has no full name: bare names would become root@" + settings.hostname,
                           "write mail_domain: example.com, and hostname if it has one");
}

/// What delivery goes by, beyond the upstream's own keys.
void tell_upstreams(Settings& settings) {
  for (UpstreamSettings& upstream : settings.upstreams) {
    upstream.mail_domain = settings.mail_domain;
    upstream.header_size = settings.limits.header_size;
  }
}

/// FNV-1a, 64 bits: it tells one edit from the next, and is no protection against anyone.
std::string hash_of(const Report& report) {
  std::uint64_t hash = 14'695'981'039'346'656'037ULL;
  const auto mix = [&](std::string_view bytes) {
    for (const char byte : bytes) hash = (hash ^ static_cast<unsigned char>(byte)) * 1'099'511'628'211ULL;
    hash = (hash ^ 0xFF) * 1'099'511'628'211ULL;
  };
  for (const auto& source : report.sources()) {
    mix(source.name);
    mix(source.text);
  }
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (int shift = 60; shift >= 0; shift -= 4) text += kDigits[(hash >> shift) & 15];
  return text;
}

std::map<std::string, Origin> origins_of(const Reading& reading) {
  std::map<std::string, Origin> origins;
  for (const auto& [path, where] : reading.given) {
    if (where.source < 0) continue;
    const SourceText& source = reading.report.source(where.source);
    switch (source.kind) {
      case SourceText::Kind::File: origins[path] = {Origin::File, source.name, where.line}; break;
      case SourceText::Kind::Profile: origins[path] = {Origin::Profile, source.name, where.line}; break;
      case SourceText::Kind::Environment: origins[path] = {Origin::Environment, source.name, 0}; break;
    }
  }
  return origins;
}

}  // namespace

Loaded load(const LoadOptions& options) {
  const std::string path = absolute_path(options.path);
  Report report;
  Reading reading{report, std::filesystem::path(path).parent_path().string(), {}};

  Node tree = read_files(path, options.text, report);
  apply_environment(options.environment, tree, report);
  const Profiles profiles = Profiles::read(options.provider_dirs, report);

  Settings settings = settings_before_reading(options, path);
  read_tree(reading, profiles, tree, settings);
  use_passed_credentials(reading, options.credentials, settings);
  settle_names(reading, options, settings);
  read_aliases(reading, settings);
  tell_upstreams(settings);
  finish_routes(reading, settings);
  check_settings(reading, settings);
  check_listeners(reading, settings, options.certificate_check);

  Loaded loaded;
  loaded.origins = origins_of(reading);
  loaded.content_hash = hash_of(report);
  loaded.diagnostics = report.take();
  if (has_errors(loaded.diagnostics))
    loaded.understood = std::move(settings);
  else
    loaded.settings = std::move(settings);
  return loaded;
}

}  // namespace mailchute
