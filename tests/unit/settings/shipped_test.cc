// What is shipped beside the program says the same as the program: the configuration file, its manual, the
// profiles.
#include <gtest/gtest.h>

#include <fstream>
#include <regex>
#include <sstream>

#include "fake/source_folder.h"
#include "settings/effects.h"
#include "settings/profile.h"
#include "settings/schema.h"
#include "unit/settings/workspace.h"

namespace mailchute {
namespace {

std::string shipped(const std::string& name) {
  std::ifstream file(fake::source_file(name), std::ios::binary);
  EXPECT_TRUE(file) << name;
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

/// The shipped file with every key in use: words begin with `# `, keys follow their # at once. The aliases
/// are the workspace's, for not every machine has its own.
std::string uncommented(const Workspace& workspace) {
  workspace.write("aliases", "postmaster: root\n");
  std::istringstream lines(shipped("config/mailchute.yaml"));
  std::string text;
  for (std::string line; std::getline(lines, line);)
    text += std::regex_replace(line, std::regex("^( *)#([^ ])"), "$1$2") + "\n";
  return std::regex_replace(text, std::regex("/etc/aliases"), workspace.path("aliases"));
}

TEST(Shipped, TheConfigurationUnmodifiedAsksToBeEdited_K034) {
  const Workspace workspace;

  const Loaded loaded = workspace.load_text(shipped("config/mailchute.yaml"));

  EXPECT_FALSE(loaded.settings);
  EXPECT_EQ(count_errors(loaded), 1) << render(loaded.diagnostics);
  EXPECT_NE(first_error(loaded).message.find("edit me: no upstreams"), std::string::npos);
}

TEST(Shipped, TheConfigurationUncommentedLoadsAndHoldsTheDefaults) {
  const Workspace workspace;

  const Loaded loaded = workspace.load_text(uncommented(workspace));

  ASSERT_TRUE(loaded.settings) << render(loaded.diagnostics);
  const Settings defaults;
  EXPECT_EQ(loaded.settings->queue, defaults.queue);
  EXPECT_EQ(loaded.settings->limits, defaults.limits);
  EXPECT_EQ(loaded.settings->retry, defaults.retry);
  EXPECT_EQ(loaded.settings->cooldown, defaults.cooldown);
  EXPECT_EQ(loaded.settings->log, defaults.log);
  EXPECT_EQ(loaded.settings->listen.smtp, defaults.listen.smtp);
  EXPECT_EQ(loaded.settings->listen.submit, defaults.listen.submit);
  EXPECT_EQ(loaded.settings->listen.control, defaults.listen.control);
  EXPECT_EQ(loaded.settings->notify.oldest_message, defaults.notify.oldest_message);
  EXPECT_EQ(loaded.settings->notify.login_refused, defaults.notify.login_refused);
}

TEST(Shipped, TheFullUpstreamOfTheConfigurationHoldsTheDefaultsOfCustom) {
  const Workspace workspace;

  const Loaded loaded = workspace.load_text(uncommented(workspace));

  ASSERT_TRUE(loaded.settings) << render(loaded.diagnostics);
  const UpstreamSettings& office = loaded.settings->upstreams.at(1);
  const UpstreamSettings defaults;
  EXPECT_EQ(office.provider, defaults.provider);
  EXPECT_EQ(office.tls, defaults.tls);
  EXPECT_EQ(office.auth, defaults.auth);
  EXPECT_EQ(office.envelope_sender, defaults.envelope_sender);
  EXPECT_EQ(office.header_from, defaults.header_from);
  EXPECT_EQ(office.recipients_per_message, defaults.recipients_per_message);
  EXPECT_EQ(office.message_size, defaults.message_size);
  EXPECT_EQ(office.max_connections, defaults.max_connections);
  EXPECT_EQ(office.messages_per_connection, defaults.messages_per_connection);
  EXPECT_EQ(office.idle_close, defaults.idle_close);
  EXPECT_EQ(office.timeouts, defaults.timeouts);
}

TEST(Shipped, EveryKeyIsInTheConfigurationFile) {
  const Workspace workspace;

  const Loaded loaded = workspace.load_text(uncommented(workspace));

  for (const auto& fact : key_facts()) {
    if (fact.path == "upstreams" || fact.path == "routes") continue;
    const std::regex pattern(std::regex_replace(std::regex_replace(fact.path, std::regex("\\."), "\\."),
                                                std::regex("\\*"), "[^.]+"));
    const bool found = std::any_of(loaded.origins.begin(), loaded.origins.end(), [&](const auto& origin) {
      return origin.second.kind == Origin::File && std::regex_match(origin.first, pattern);
    });
    EXPECT_TRUE(found) << fact.path;
  }
}

TEST(Shipped, EveryKeyIsInTheManualWithItsDefault) {
  const std::string manual = shipped("docs/configuration.md");

  for (const auto& fact : key_facts()) {
    const auto row = manual.find("\n| `" + fact.path + "` |");
    ASSERT_NE(row, std::string::npos) << fact.path;
    const std::string line = manual.substr(row + 1, manual.find('\n', row + 1) - row - 1);
    if (!fact.fallback.empty()) {
      EXPECT_NE(line.find("`" + fact.fallback + "`"), std::string::npos) << line;
    }
    EXPECT_NE(line.find(fact.meaning), std::string::npos) << line;
    EXPECT_EQ(line.find("*(no effect yet)*") != std::string::npos, without_effect(fact.path) != nullptr)
        << line;
  }
}

TEST(Shipped, KeysWithoutEffectAreKeysOfTheSchema) {
  const auto facts = key_facts();

  for (const auto& entry : keys_without_effect())
    EXPECT_TRUE(std::any_of(facts.begin(), facts.end(), [&](const auto& fact) {
      return fact.path == entry.key;
    })) << entry.key;
}

TEST(Shipped, EveryProfileMakesACompleteUpstream) {
  const Workspace workspace;
  Report report;
  for (const std::string& provider :
       Profiles::read({fake::source_file("config/providers")}, report).names()) {
    const std::string host = provider == "ses" || provider == "custom" ? ", host: h.example" : "";
    const Loaded loaded = workspace.load_text("upstreams: { x: { provider: " + provider +
                                              ", user: a@b.example, password_file: secret" + host + " } }\n");
    ASSERT_TRUE(loaded.settings) << render(loaded.diagnostics);
    EXPECT_EQ(loaded.settings->upstreams[0].provider, provider);
    EXPECT_FALSE(loaded.settings->upstreams[0].host.empty()) << provider;
    EXPECT_NE(loaded.settings->upstreams[0].tls, TlsMode::None) << provider;
  }
}

TEST(Shipped, QqTakesOneRecipientAtATimeFromTheLoginAddress) {
  const Workspace workspace;

  const UpstreamSettings qq = workspace.load_text(kUpstream).settings->upstreams[0];

  EXPECT_EQ(qq.recipients_per_message, 1u);
  EXPECT_EQ(qq.envelope_sender, "login");
  EXPECT_EQ(qq.auth, (std::vector<std::string>{"login", "plain"}));
  EXPECT_EQ(qq.message_size, 73'400'320u);
}

}  // namespace
}  // namespace mailchute
