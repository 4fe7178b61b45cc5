#include "settings/profile.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <utility>

#include "base/text.h"
#include "settings/document.h"
#include "settings/layers.h"
#include "settings/profile_replies.h"
#include "settings/read_file.h"

namespace mailchute {

namespace {

constexpr std::string_view kCustom = "custom";

const auto kNothingSpecial = [](const auto&, const Node::Entry&) { return false; };

/// A profile as its own file says it.
struct Draft {
  Profile profile;
  std::map<std::string, Where> given;
};

/// A profile is checked when it is read, not when somebody first uses it.
void check_defaults(const Profile& profile, Report& report) {
  Reading scratch{report, {}, {}};
  UpstreamSettings upstream;
  read_defaults(scratch, profile, upstream, {});
  for (const auto key : {"provider", "password_file", "password_command", "token_command"})
    if (const Node* node = profile.defaults.find(key))
      report.error(node->where, std::string("a profile cannot set ") + key);
}

std::vector<Alternative> read_alternatives(Reading& reading, const Node& list) {
  std::vector<Alternative> others;
  if (list.kind != Node::Kind::List) {
    if (list.kind != Node::Kind::Hole)
      reading.report.error(list.where, "alternatives takes a list", "write - { port: 587, tls: starttls }");
    return others;
  }
  for (const Node& item : list.items) {
    if (!is_section(reading, item, "alternatives")) continue;
    Alternative other;
    read_keys(reading, alternative_keys(), other, item,
              Scope{"alternatives.", "alternatives.", Scope::Effects::Quiet}, kNothingSpecial);
    if (item.find("port") == nullptr || item.find("tls") == nullptr)
      reading.report.error(item.where, "an alternative needs port and tls");
    others.push_back(std::move(other));
  }
  return others;
}

/// The parts that are tables of their own; `entry` is one of them.
void read_part(Reading& reading, Form::Kind kind, const Node& root, const Node::Entry& entry,
               Profile& profile) {
  static const Node kNone;
  const Node* words = root.find("explanations");
  switch (kind) {
    case Form::Defaults:
      if (is_section(reading, entry.value, "defaults")) profile.defaults = entry.value;
      return;
    case Form::Alternatives: profile.alternatives = read_alternatives(reading, entry.value); return;
    case Form::Replies:
      profile.rules = read_replies(reading, entry.value, words != nullptr ? *words : kNone);
      return;
    default: return;  // The explanations go with the replies.
  }
}

void read_root(Reading& reading, const Node& root, Profile& profile) {
  const auto parts = [&](const Key<ProfileHead>& key, const Node::Entry& entry) {
    if (!std::holds_alternative<std::monostate>(key.field(profile.head))) return false;
    read_part(reading, key.form.kind, root, entry, profile);
    return true;
  };
  read_keys(reading, profile_keys(), profile.head, root, Scope{{}, {}, Scope::Effects::Quiet}, parts);
  for (auto& domain : profile.head.domains) domain = lower(domain);
  if (profile.head.blanks == "drop") profile.head.secret.blanks = SecretAdvice::Blanks::Drop;
}

Draft read_profile(const std::string& path, Report& report) {
  Draft draft;
  draft.profile.name = std::filesystem::path(path).stem().string();
  auto file = read_small_file(path, kConfigurationBytes);
  if (!file) {
    report.error_about(path, file.error().text);
    return draft;
  }
  const Node root =
      read_document(report.add({path, std::move(file->bytes), SourceText::Kind::Profile}), report);
  Reading reading{report, {}, {}};
  if (!is_section(reading, root, "a profile")) return draft;
  read_root(reading, root, draft.profile);
  check_defaults(draft.profile, report);
  draft.given = std::move(reading.given);
  return draft;
}

const Draft* find_draft(const std::vector<Draft>& drafts, std::string_view name) {
  const auto found = std::find_if(drafts.begin(), drafts.end(),
                                  [name](const Draft& draft) { return draft.profile.name == name; });
  return found == drafts.end() ? nullptr : &*found;
}

/// The profile that `key` of `draft` names. One that builds on another itself is none to build on: there is
/// no chain to follow, and no ring to be caught in.
const Profile* base_of(const Draft& draft, const std::string& key, const std::string& name,
                       const std::vector<Draft>& drafts, Report& report) {
  if (name.empty()) return nullptr;
  const Draft* base = find_draft(drafts, name);
  const Where where = draft.given.contains(key) ? draft.given.at(key) : Where{};
  if (base == nullptr) {
    report.error(where, "there is no profile \"" + printable(name, 120) + "\"");
  } else if (!base->profile.head.like.empty() || !base->profile.head.replies_of.empty()) {
    report.error(where, "profile " + name + " builds on another itself", "name that one");
    return nullptr;
  }
  return base != nullptr ? &base->profile : nullptr;
}

void take_missing(std::string& own, const std::string& base) {
  if (own.empty()) own = base;
}

/// Everything but the name, the title and the domains.
void take_missing(Profile& profile, const Profile& base) {
  take_missing(profile.head.host_example, base.head.host_example);
  take_missing(profile.head.secret.name, base.head.secret.name);
  take_missing(profile.head.secret.name_zh, base.head.secret.name_zh);
  take_missing(profile.head.secret.how, base.head.secret.how);
  take_missing(profile.head.secret.how_zh, base.head.secret.how_zh);
  if (profile.head.blanks.empty()) profile.head.secret.blanks = base.head.secret.blanks;
  if (profile.alternatives.empty()) profile.alternatives = base.alternatives;
  Node defaults = base.defaults;
  overlay(defaults, std::move(profile.defaults));
  profile.defaults = std::move(defaults);
}

Profile built(const Draft& draft, const std::vector<Draft>& drafts, Report& report) {
  Profile profile = draft.profile;
  const Profile* like = base_of(draft, "like", profile.head.like, drafts, report);
  const Profile* said = base_of(draft, "replies_of", profile.head.replies_of, drafts, report);
  if (like != nullptr) take_missing(profile, *like);
  if (const Profile* base = said != nullptr ? said : like)
    profile.rules.insert(profile.rules.end(), base->rules.begin(), base->rules.end());
  return profile;
}

}  // namespace

Profiles Profiles::read(const std::vector<std::string>& folders, Report& report) {
  std::vector<Draft> drafts;
  for (const auto& folder : folders)
    for (const auto& path : yaml_files(folder, report))
      if (find_draft(drafts, std::filesystem::path(path).stem().string()) == nullptr)
        drafts.push_back(read_profile(path, report));
  Profiles all;
  for (const auto& draft : drafts) all.profiles_.push_back(built(draft, drafts, report));
  if (all.find(kCustom) == nullptr) {
    all.profiles_.emplace_back();
    all.profiles_.back().name = kCustom;
  }
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
  read_keys(reading, upstream_keys(), upstream, profile.defaults, scope, kNothingSpecial);
}

}  // namespace mailchute
