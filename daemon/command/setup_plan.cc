#include "command/setup_plan.h"

#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <utility>

#include "base/exit_codes.h"
#include "base/text.h"
#include "command/typed_address.h"
#include "settings/diagnose.h"
#include "settings/read_file.h"
#include "settings/secret.h"
#include "settings/value.h"

namespace mailchute {

namespace {

std::string in_yaml(const std::string& text) {
  return show(ValueText{ValueText::Kind::Text, text}, Form::Text);
}

/// A provider that follows from the user need not be written; beside a host it does not follow.
bool must_be_named(const Profiles& profiles, const Profile& profile, const SetupAnswers& answers) {
  if (profile.name == UpstreamSettings{}.provider) return false;
  return !answers.host.empty() || profiles.for_user(answers.user) != &profile;
}

SetupLines lines_for(const Profiles& profiles, const Profile& profile, const SetupAnswers& answers) {
  const bool custom = profile.name == UpstreamSettings{}.provider;
  SetupLines lines{in_yaml(answers.root), in_yaml(custom ? "main" : profile.name), {}};
  const auto add = [&lines](const char* key, const std::string& value) {
    if (!value.empty()) lines.keys.emplace_back(key, in_yaml(value));
  };
  if (must_be_named(profiles, profile, answers)) add("provider", profile.name);
  add("host", answers.host);
  if (!answers.port.empty()) lines.keys.emplace_back("port", answers.port);
  add("tls", answers.tls);
  add("ca_file", answers.ca_file.empty() ? "" : std::filesystem::absolute(answers.ca_file).string());
  if (answers.user != default_of(profile, "user")) add("user", answers.user);
  lines.keys.emplace_back("password_file", "credentials/" + std::string(custom ? "main" : profile.name));
  // Most mailboxes may send as nobody but themselves, and who may more knows it.
  if (custom && is_address(answers.user)) {
    add("envelope_sender", "login");
    add("header_from", "login");
  }
  return lines;
}

Result<std::string> text_before(const std::string& path) {
  struct stat facts {};
  if (::lstat(path.c_str(), &facts) != 0 && errno == ENOENT) return std::string();
  return TRY(read_small_file(path, kConfigurationBytes)).bytes;
}

/// The first key of ours that another file or the environment overrides.
Result<void> check_in_effect(const Loaded& loaded, const std::string& path, const SetupLines& lines,
                             const std::string& upstream) {
  std::vector<std::string> keys = {"root"};
  for (const auto& [key, value] : lines.keys) keys.push_back("upstreams." + upstream + "." + key);
  for (const std::string& key : keys) {
    const auto found = loaded.origins.find(key);
    if (found == loaded.origins.end() || found->second.source == path) continue;
    return fail(key + " is set in " + printable(found->second.source, 4096) +
                    ", which goes before what setup would write; next: remove it there",
                exit_code::kConfiguration);
  }
  return {};
}

Result<Settings> settings_of(Loaded loaded, const std::string& path) {
  if (loaded.settings) return std::move(*loaded.settings);
  std::erase_if(loaded.diagnostics,
                [](const Diagnostic& each) { return each.severity != Diagnostic::Error; });
  return fail(
      render(loaded.diagnostics) + path + " would be no good configuration; next: mend what is said above",
      exit_code::kConfiguration);
}

Result<void> check_takes_password(const UpstreamSettings& upstream, const Profile& profile) {
  if (!std::all_of(upstream.auth.begin(), upstream.auth.end(), takes_token)) return {};
  return fail(printable(profile.head.title) +
                  " takes OAuth2 tokens only, which setup cannot get; next: write token_command into the "
                  "configuration (man mailchute.yaml)",
              exit_code::kConfiguration);
}

std::string names_of(const Profiles& profiles) {
  std::string list;
  for (const std::string& name : profiles.names()) list += (list.empty() ? "" : ", ") + name;
  return list;
}

}  // namespace

std::string default_of(const Profile& profile, std::string_view key) {
  const Node* node = profile.defaults.find(key);
  return node != nullptr && node->kind == Node::Kind::Scalar ? node->scalar : std::string();
}

Profiles read_profiles(const LoadOptions& options) {
  Report report;
  return Profiles::read(options.provider_dirs, report);
}

Result<const Profile*> provider_of(const Profiles& profiles, const SetupAnswers& answers) {
  const bool own = answers.provider.empty() && !answers.host.empty();
  const Profile* found = answers.provider.empty() && !own
                             ? profiles.for_user(answers.user)
                             : profiles.find(own ? UpstreamSettings{}.provider : answers.provider);
  if (found != nullptr) return found;
  if (!answers.provider.empty())
    return fail("there is no provider " + printable(answers.provider) + "; next: --provider with one of " +
                    names_of(profiles),
                exit_code::kUsage);
  return fail("no provider follows from " + printable(answers.user) +
                  "; next: --provider NAME, or --host with the name of its server",
              exit_code::kUsage);
}

Result<SetupPlan> make_plan(const LoadOptions& options, const Profiles& profiles, const SetupAnswers& answers,
                            Handwritten handwritten) {
  const Profile& profile = *TRY(provider_of(profiles, answers));
  const SetupLines lines = lines_for(profiles, profile, answers);
  SetupPlan plan;
  plan.before = TRY(text_before(options.path));
  auto after = with_setup(plan.before, lines, handwritten);
  if (!after)
    return fail(options.path + ": " + after.error().text +
                    "; next: edit it by hand, or mailchute setup --force, which turns that into comments",
                after.error().code);
  plan.after = std::move(*after);
  LoadOptions trial = options;
  trial.text = plan.after;
  Loaded loaded = load(trial);
  const std::string name = profile.name == UpstreamSettings{}.provider ? "main" : profile.name;
  TRY_VOID(check_in_effect(loaded, options.path, lines, name));
  plan.settings = TRY(settings_of(std::move(loaded), options.path));
  const auto found = std::find_if(plan.settings.upstreams.begin(), plan.settings.upstreams.end(),
                                  [&](const UpstreamSettings& each) { return each.name == name; });
  CHECK(found != plan.settings.upstreams.end());
  plan.upstream = *found;
  TRY_VOID(check_takes_password(plan.upstream, profile));
  return plan;
}

}  // namespace mailchute
