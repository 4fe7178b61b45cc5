#include "settings/effective.h"

#include <gtest/gtest.h>

#include <set>
#include <string_view>

#include "settings/document.h"
#include "settings/schema.h"
#include "unit/settings/workspace.h"

namespace mailchute {
namespace {

const std::string kMany = R"(
root: ops@example.com
mail_domain: "on"
aliases: { www-data: web@example.com, "no": "1@example.com" }
listen: { smtp: ["127.0.0.1:2525"] }
queue: { reserve: 1MiB, lifetime: 36h }
retry: { factor: 1.5 }
upstreams:
  163: { user: 10001@163.com, password_file: secret, tls: starttls }
  office:
    host: 127.0.0.1
    port: 2525
    tls: none
    quota: { messages: 10/day, recipients: 100/h }
    rate: 3/min
    timeouts: { connect: 5s }
routes:
  - { from: "*@example.com", via: [office] }
  - { to: "x@*", via: ["163", office] }
)";

const EffectiveKey* find(const std::vector<EffectiveKey>& keys, const std::string& path) {
  for (const auto& key : keys)
    if (key.path == path) return &key;
  return nullptr;
}

TEST(Effective, WhatIsShownLoadsAsTheSameConfiguration) {
  const Workspace workspace;
  const Loaded first = workspace.load_text(kMany);
  ASSERT_TRUE(first.settings) << render(first.diagnostics);

  for (const Origins origins : {Origins::Hidden, Origins::Shown}) {
    const std::string yaml = effective_yaml(effective_keys(first), origins);
    const Loaded second = workspace.load_text(yaml);
    ASSERT_TRUE(second.settings) << render(second.diagnostics) << yaml;
    EXPECT_TRUE(*second.settings == *first.settings) << yaml;
  }
}

TEST(Effective, EveryKeyThatHasAValueIsThereInTheOrderOfTheManual) {
  const Workspace workspace;
  const Loaded loaded = workspace.load_text("root: a@b.test\n" + kUpstream);
  ASSERT_TRUE(loaded.settings);

  const auto keys = effective_keys(loaded);

  std::size_t at = 0;
  for (const KeyFact& fact : key_facts()) {
    if (fact.fallback.empty() || fact.path.find('*') != std::string::npos) continue;
    while (at < keys.size() && keys[at].path != fact.path) ++at;
    EXPECT_LT(at, keys.size()) << fact.path;
  }
  for (const auto& key : upstream_keys()) {
    const bool optional = find(keys, "upstreams.qq." + std::string(key.path)) == nullptr;
    static const std::set<std::string_view> kOptional = {"ca_file", "tls_fingerprint", "password_command",
                                                         "token_command", "quota"};
    EXPECT_EQ(optional, kOptional.contains(key.path)) << key.path;
  }
}

TEST(Effective, TellsWhereEachValueCameFrom) {
  Workspace workspace;
  workspace.options.environment["MAILCHUTE_LOG_LEVEL"] = "debug";
  workspace.write("conf.d/10.yaml", "queue: { max_bytes: 1GiB }\n");
  const Loaded loaded = workspace.load_text("root: a@b.test\n" + kUpstream);
  ASSERT_TRUE(loaded.settings) << render(loaded.diagnostics);
  const auto keys = effective_keys(loaded);
  const auto origin = [&](const std::string& path) {
    const EffectiveKey* key = find(keys, path);
    return key == nullptr ? "missing" : origin_words(key->origin);
  };

  EXPECT_EQ(origin("root"), workspace.path("mailchute.yaml:1"));
  EXPECT_EQ(origin("queue.max_bytes"), workspace.path("conf.d/10.yaml:1"));
  EXPECT_EQ(origin("queue.reserve"), "default");
  EXPECT_EQ(origin("log.level"), "environment variable MAILCHUTE_LOG_LEVEL");
  EXPECT_EQ(origin("upstreams.qq.user"), workspace.path("mailchute.yaml:2"));
  EXPECT_EQ(origin("upstreams.qq.provider"), workspace.path("mailchute.yaml:2"));
  EXPECT_EQ(origin("upstreams.qq.host").substr(0, 8), "profile ");
  EXPECT_NE(origin("upstreams.qq.host").find("/qq.yaml:"), std::string::npos);
}

TEST(Effective, APortThatFollowsFromTheTlsModeComesFromThere) {
  const Workspace workspace;
  const Loaded loaded = workspace.load_text(
      "upstreams:\n  qq:\n    user: 1@qq.com\n    password_file: secret\n    tls: starttls\n");
  ASSERT_TRUE(loaded.settings) << render(loaded.diagnostics);

  const auto keys = effective_keys(loaded);

  EXPECT_EQ(find(keys, "upstreams.qq.port")->value.text, "587");
  EXPECT_EQ(origin_words(find(keys, "upstreams.qq.port")->origin), workspace.path("mailchute.yaml:5"));
}

TEST(Effective, ArgumentsOfProgramsAreMasked) {
  const Workspace workspace;
  const Loaded loaded =
      workspace.load_text(kUpstream + "notify: { command: [\"/bin/sh\", \"-c\", \"t0ken\"] }\n");
  ASSERT_TRUE(loaded.settings) << render(loaded.diagnostics);

  const std::string yaml = effective_yaml(effective_keys(loaded), Origins::Hidden);

  EXPECT_NE(yaml.find("  command: [/bin/sh, \"***\", \"***\"]\n"), std::string::npos) << yaml;
  EXPECT_EQ(yaml.find("t0ken"), std::string::npos);
}

TEST(Effective, TextThatYamlWouldTakeForSomethingElseIsQuoted) {
  Form text;
  text.kind = Form::Text;
  for (const std::string word :
       {"true", "No", "null", "123", "1e5", "~", "a: b", "#x", "0x1F", ".5", "", " x", "a\"b\\"}) {
    std::string value = word;
    const std::string shown = show(text, &value);
    EXPECT_EQ(shown.empty() ? '"' : shown.front(), '"') << word;
  }
  std::string plain = "smtp.qq.com";
  EXPECT_EQ(show(text, &plain), "smtp.qq.com");
}

TEST(Effective, BlocksAreNestedAndListsHaveDashes) {
  const Workspace workspace;
  const Loaded loaded = workspace.load_text(kMany);
  ASSERT_TRUE(loaded.settings) << render(loaded.diagnostics);

  const std::string yaml = effective_yaml(effective_keys(loaded), Origins::Hidden);

  EXPECT_NE(yaml.find("\nupstreams:\n  \"163\":\n    provider: \"163\"\n"), std::string::npos) << yaml;
  EXPECT_NE(yaml.find("    timeouts:\n      connect: 5s\n"), std::string::npos) << yaml;
  EXPECT_NE(
      yaml.find(
          "\nroutes:\n  - from: \"*@example.com\"\n    to: \"*\"\n    via: [office]\n  - from: \"*\"\n"),
      std::string::npos)
      << yaml;
  EXPECT_NE(yaml.find("aliases: { \"no\": \"1@example.com\", www-data: web@example.com }\n"),
            std::string::npos)
      << yaml;
}

}  // namespace
}  // namespace mailchute
