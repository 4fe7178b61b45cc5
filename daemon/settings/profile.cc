#include "settings/profile.h"

#include <algorithm>
#include <filesystem>

#include "base/text.h"
#include "settings/document.h"
#include "settings/layers.h"
#include "settings/read_file.h"

namespace mailchute {

namespace {

constexpr std::string_view kCustom = "custom";

bool never_special(const auto&, const Node::Entry&) { return false; }

/// A profile is checked when it is read, not when somebody first uses it.
void check_defaults(const Profile& profile, Report& report) {
  Reading scratch{report, {}, {}};
  UpstreamSettings upstream;
  read_defaults(scratch, profile, upstream, {});
  for (const auto key : {"provider", "password_file", "password_command", "token_command"})
    if (const Node* node = profile.defaults.find(key))
      report.error(node->where, std::string("a profile cannot set ") + key);
}

Profile read_profile(const std::string& path, Report& report) {
  Profile profile{std::filesystem::path(path).stem().string(), {}, {}};
  auto file = read_small_file(path, kConfigurationBytes);
  if (!file) {
    report.error_about(path, file.error().text);
    return profile;
  }
  const Node root =
      read_document(report.add({path, std::move(file->bytes), SourceText::Kind::Profile}), report);
  Reading reading{report, {}, {}};
  if (!is_section(reading, root, "a profile")) return profile;
  const auto keep_defaults = [&](const Key<ProfileHead>& key, const Node::Entry& entry) {
    if (key.form.kind != Form::Defaults) return false;
    if (is_section(reading, entry.value, "defaults")) profile.defaults = entry.value;
    return true;
  };
  read_keys(reading, profile_keys(), profile.head, root, Scope{{}, {}, Scope::Effects::Quiet}, keep_defaults);
  for (auto& domain : profile.head.domains) domain = lower(domain);
  check_defaults(profile, report);
  return profile;
}

}  // namespace

Profiles Profiles::read(const std::vector<std::string>& folders, Report& report) {
  Profiles all;
  for (const auto& folder : folders)
    for (const auto& path : yaml_files(folder, report))
      if (all.find(std::filesystem::path(path).stem().string()) == nullptr)
        all.profiles_.push_back(read_profile(path, report));
  if (all.find(kCustom) == nullptr) all.profiles_.push_back({std::string(kCustom), {}, {}});
  return all;
}

const Profile* Profiles::find(std::string_view name) const {
  for (const auto& profile : profiles_)
    if (profile.name == name) return &profile;
  return nullptr;
}

const Profile* Profiles::for_user(std::string_view user) const {
  const auto at = user.rfind('@');
  if (at == std::string_view::npos) return nullptr;
  const std::string domain = lower(user.substr(at + 1));
  for (const auto& profile : profiles_)
    if (std::find(profile.head.domains.begin(), profile.head.domains.end(), domain) !=
        profile.head.domains.end())
      return &profile;
  return nullptr;
}

std::vector<std::string> Profiles::names() const {
  std::vector<std::string> names;
  for (const auto& profile : profiles_) names.push_back(profile.name);
  return names;
}

void read_defaults(Reading& reading, const Profile& profile, UpstreamSettings& upstream,
                   const std::string& path) {
  const Scope scope{path, "upstreams.*.", Scope::Effects::Quiet};
  read_keys(reading, upstream_keys(), upstream, profile.defaults, scope,
            [](const auto& key, const Node::Entry& entry) { return never_special(key, entry); });
}

}  // namespace mailchute
