// The files themselves, the layers over each other, the environment, the profiles.
#include "settings/load.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "unit/settings/workspace.h"

namespace mailchute {
namespace {

using std::chrono::minutes;

TEST(Load, FourLinesAreEnough) {
  const Workspace workspace;

  const Loaded loaded = workspace.load_text("root: ops@example.com\n" + kUpstream);

  ASSERT_TRUE(loaded.settings) << render(loaded.diagnostics);
  const Settings& settings = *loaded.settings;
  EXPECT_EQ(settings.path, workspace.path("mailchute.yaml"));
  EXPECT_EQ(settings.hostname, "relay.example.net");
  EXPECT_EQ(settings.mail_domain, "relay.example.net");
  ASSERT_EQ(settings.upstreams.size(), 1u);
  EXPECT_EQ(settings.upstreams[0].provider, "qq");
  EXPECT_EQ(settings.upstreams[0].host, "smtp.qq.com");
  EXPECT_EQ(settings.upstreams[0].port, 465);
  EXPECT_EQ(settings.upstreams[0].tls, TlsMode::Implicit);
  EXPECT_EQ(settings.upstreams[0].envelope_sender, "login");
  EXPECT_EQ(settings.upstreams[0].password_file, workspace.path("secret"));
  EXPECT_EQ(settings.routes, (std::vector<RouteSettings>{{"*", "*", {"qq"}}}));
}

TEST(Load, AMissingFileIsNamedWithItsReason) {
  const Workspace workspace;

  const Loaded loaded = load(workspace.options);

  EXPECT_FALSE(loaded.settings);
  EXPECT_EQ(first_error(loaded).file, workspace.path("mailchute.yaml"));
  EXPECT_NE(first_error(loaded).message.find("No such file"), std::string::npos);
  EXPECT_EQ(count_errors(loaded), 1) << "what is missing in a missing file is not told";
}

TEST(Load, AnEmptyFileHasNoUpstreams) {
  const Workspace workspace;

  EXPECT_NE(first_error(workspace.load_text("")).message.find("no upstreams"), std::string::npos);
}

TEST(Load, AFolderAPipeAndADeviceEndInAnErrorAtOnce) {
  Workspace workspace;
  std::filesystem::create_directory(workspace.path("folder"));
  ASSERT_EQ(mkfifo(workspace.path("pipe").c_str(), 0600), 0);

  workspace.options.path = workspace.path("folder");
  EXPECT_NE(first_error(load(workspace.options)).message.find("it is a directory"), std::string::npos);
  workspace.options.path = workspace.path("pipe");
  EXPECT_NE(first_error(load(workspace.options)).message.find("it is a named pipe"), std::string::npos);
  workspace.options.path = "/dev/zero";
  EXPECT_NE(first_error(load(workspace.options)).message.find("it is a device"), std::string::npos);
}

TEST(Load, AFileBeyondTheBoundIsNotRead) {
  const Workspace workspace;
  workspace.write("mailchute.yaml", "");
  ASSERT_EQ(truncate(workspace.path("mailchute.yaml").c_str(), 1LL << 30), 0);

  EXPECT_NE(first_error(load(workspace.options)).message.find("larger than 1048576 bytes"),
            std::string::npos);
}

TEST(Load, FragmentsAreLaidOverTheMainFileInNameOrder) {
  const Workspace workspace;
  workspace.write("conf.d/20-b.yaml", "queue: { history: 2d }\nlisten: { smtp: [\"127.0.0.1:2526\"] }\n");
  workspace.write("conf.d/10-a.yaml",
                  "queue: { history: 1d, lifetime: 3d }\nlisten: { smtp: [\"127.0.0.1:1\", \"[::1]:1\"] }\n");
  workspace.write("conf.d/.hidden.yaml", "nonsense: 1\n");
  workspace.write("conf.d/readme.txt", "nonsense: 1\n");

  const Loaded loaded = workspace.load_text("queue: { history: 9d, reserve: 1GiB }\n" + kUpstream);

  ASSERT_TRUE(loaded.settings) << render(loaded.diagnostics);
  EXPECT_EQ(loaded.settings->queue.history, std::chrono::hours(48)) << "the later file wins";
  EXPECT_EQ(loaded.settings->queue.lifetime, std::chrono::hours(72)) << "maps merge";
  EXPECT_EQ(loaded.settings->queue.reserve, 1ULL << 30);
  EXPECT_EQ(loaded.settings->listen.smtp, std::vector<std::string>{"127.0.0.1:2526"}) << "lists replace";
  EXPECT_EQ(loaded.origins.at("queue.history").source, workspace.path("conf.d/20-b.yaml"));
  EXPECT_EQ(loaded.origins.at("queue.reserve").source, workspace.path("mailchute.yaml"));
}

TEST(Load, FragmentsAddUpstreamsBehindThoseOfTheMainFile) {
  const Workspace workspace;
  workspace.write("conf.d/b.yaml", "upstreams: { a: { host: a.example }, qq: { max_connections: 2 } }\n");

  const Loaded loaded = workspace.load_text(kUpstream);

  ASSERT_TRUE(loaded.settings) << render(loaded.diagnostics);
  ASSERT_EQ(loaded.settings->upstreams.size(), 2u);
  EXPECT_EQ(loaded.settings->upstreams[0].name, "qq");
  EXPECT_EQ(loaded.settings->upstreams[0].max_connections, 2u);
  EXPECT_EQ(loaded.settings->upstreams[1].name, "a");
}

TEST(Load, MistakesOfEveryFileAreToldWithTheirFile) {
  const Workspace workspace;
  workspace.write("conf.d/a.yaml", "lgo: {}\n");
  workspace.write("conf.d/b.yaml", "retry: { first: soon }\n");

  const Loaded loaded = workspace.load_text("rooot: x\n" + kUpstream);

  EXPECT_EQ(find_message(loaded, "rooot").file, workspace.path("mailchute.yaml"));
  EXPECT_EQ(find_message(loaded, "lgo").file, workspace.path("conf.d/a.yaml"));
  EXPECT_EQ(find_message(loaded, "soon").file, workspace.path("conf.d/b.yaml"));
}

TEST(Load, AFragmentWithTheWrongEndingIsToldAndNotRead) {
  const Workspace workspace;
  workspace.write("conf.d/a.yml", "root: ops@example.com\n");

  const Loaded loaded = workspace.load_text(kUpstream);

  ASSERT_TRUE(loaded.settings);
  EXPECT_EQ(loaded.settings->root, "");
  EXPECT_EQ(find_message(loaded, "not read").severity, Diagnostic::Warning);
}

TEST(Load, TheEnvironmentWinsOverTheFiles) {
  Workspace workspace;
  workspace.options.environment = {{"MAILCHUTE_QUEUE_PATH", "/srv/q.db"},
                                   {"MAILCHUTE_UPSTREAMS_QQ_USER", "20002@qq.com"},
                                   {"MAILCHUTE_UPSTREAMS_QQ_TIMEOUTS_CONNECT", "7s"},
                                   {"MAILCHUTE_UPSTREAMS_QQ_AUTH", "[plain]"},
                                   {"MAILCHUTE_LISTEN_SMTP", "[\"127.0.0.1:2525\"]"},
                                   {"MAILCHUTE_ROOT", ""},
                                   {"MAIL", "/var/mail/x"}};

  const Loaded loaded = workspace.load_text("root: ops@example.com\nqueue: { path: /a.db }\n" + kUpstream);

  ASSERT_TRUE(loaded.settings) << render(loaded.diagnostics);
  EXPECT_EQ(loaded.settings->queue.path, "/srv/q.db");
  EXPECT_EQ(loaded.settings->upstreams[0].user, "20002@qq.com");
  EXPECT_EQ(loaded.settings->upstreams[0].timeouts.connect, std::chrono::seconds(7));
  EXPECT_EQ(loaded.settings->upstreams[0].auth, std::vector<std::string>{"plain"});
  EXPECT_EQ(loaded.settings->listen.smtp, std::vector<std::string>{"127.0.0.1:2525"});
  EXPECT_EQ(loaded.settings->root, "ops@example.com") << "an empty variable is not set";
  EXPECT_EQ(loaded.origins.at("queue.path").kind, Origin::Environment);
  EXPECT_EQ(loaded.origins.at("queue.path").source, "environment variable MAILCHUTE_QUEUE_PATH");
}

TEST(Load, TheEnvironmentAloneCanNameAnUpstream) {
  Workspace workspace;
  workspace.options.environment = {{"MAILCHUTE_UPSTREAMS_MY_QQ_USER", "10001@qq.com"},
                                   {"MAILCHUTE_UPSTREAMS_MY_QQ_PASSWORD_FILE", workspace.path("secret")}};

  const Loaded loaded = workspace.load_text("upstreams:\n");

  ASSERT_TRUE(loaded.settings) << render(loaded.diagnostics);
  EXPECT_EQ(loaded.settings->upstreams[0].name, "my_qq");
  EXPECT_EQ(loaded.settings->upstreams[0].host, "smtp.qq.com");
}

TEST(Load, AnUpstreamWithADashIsFoundInTheEnvironment) {
  Workspace workspace;
  workspace.options.environment = {{"MAILCHUTE_UPSTREAMS_MY_RELAY_HOST", "b.example"}};

  const Loaded loaded = workspace.load_text("upstreams: { my-Relay: { host: a.example } }\n");

  ASSERT_TRUE(loaded.settings) << render(loaded.diagnostics);
  ASSERT_EQ(loaded.settings->upstreams.size(), 1u);
  EXPECT_EQ(loaded.settings->upstreams[0].host, "b.example");
}

TEST(Load, ASecretInTheEnvironmentIsRefusedAndNotShown) {
  Workspace workspace;
  workspace.options.environment = {{"MAILCHUTE_UPSTREAMS_QQ_PASSWORD", "hunter2"}};

  const Loaded loaded = workspace.load_text(kUpstream);

  EXPECT_FALSE(loaded.settings);
  EXPECT_NE(first_error(loaded).hint.find("PASSWORD_FILE"), std::string::npos);
  EXPECT_EQ(render(loaded.diagnostics).find("hunter2"), std::string::npos);
}

TEST(Load, AnUnknownVariableIsAWarningWithASuggestion) {
  Workspace workspace;
  workspace.options.environment = {{"MAILCHUTE_PORT", "tcp://10.0.0.1:25"}, {"MAILCHUTE_QUEUE_PAHT", "/x"}};

  const Loaded loaded = workspace.load_text(kUpstream);

  ASSERT_TRUE(loaded.settings);
  const auto& all = loaded.diagnostics;
  const auto typo =
      std::find_if(all.begin(), all.end(), [](const auto& d) { return d.file.ends_with("PAHT"); });
  ASSERT_NE(typo, all.end());
  EXPECT_EQ(typo->hint, "did you mean MAILCHUTE_QUEUE_PATH?");
}

TEST(Load, AMistakeInTheEnvironmentNamesTheVariable) {
  Workspace workspace;
  workspace.options.environment = {{"MAILCHUTE_RETRY_MAX", "5"}};

  EXPECT_EQ(first_error(workspace.load_text(kUpstream)).file, "environment variable MAILCHUTE_RETRY_MAX");
}

TEST(Load, TheProviderFollowsFromTheUsersDomain) {
  const Workspace workspace;
  const std::pair<const char*, const char*> cases[] = {
      {"a@qq.com", "qq"},          {"a@foxmail.com", "qq"},  {"a@163.com", "163"},
      {"a@126.com", "126"},        {"a@GMAIL.com", "gmail"}, {"a@outlook.com", "outlook"},
      {"a@hotmail.com", "outlook"}};
  for (const auto& [user, provider] : cases) {
    const Loaded loaded =
        workspace.load_text("upstreams: { x: { user: " + std::string(user) + ", password_file: secret } }\n");
    ASSERT_TRUE(loaded.settings) << user << render(loaded.diagnostics);
    EXPECT_EQ(loaded.settings->upstreams[0].provider, provider);
    EXPECT_FALSE(loaded.settings->upstreams[0].host.empty());
  }
}

TEST(Load, WhoNamesAHostGetsNoProfileByDomain) {
  const Workspace workspace;

  const Loaded loaded =
      workspace.load_text("upstreams: { x: { host: h.example, user: a@qq.com, password_file: secret } }\n");

  ASSERT_TRUE(loaded.settings) << render(loaded.diagnostics);
  EXPECT_EQ(loaded.settings->upstreams[0].provider, "custom");
  EXPECT_EQ(loaded.settings->upstreams[0].envelope_sender, "keep");
}

TEST(Load, OwnValuesWinOverTheProfile) {
  const Workspace workspace;

  const Loaded loaded = workspace.load_text(
      "upstreams: { x: { provider: qq, user: a@qq.com, password_file: secret, idle_close: 9s, "
      "recipients_per_message: 3 } }\n");

  ASSERT_TRUE(loaded.settings) << render(loaded.diagnostics);
  EXPECT_EQ(loaded.settings->upstreams[0].idle_close, std::chrono::seconds(9));
  EXPECT_EQ(loaded.settings->upstreams[0].recipients_per_message, 3u);
  EXPECT_EQ(loaded.settings->upstreams[0].messages_per_connection, 30u);
  EXPECT_EQ(loaded.origins.at("upstreams.x.idle_close").kind, Origin::File);
  EXPECT_EQ(loaded.origins.at("upstreams.x.messages_per_connection").kind, Origin::Profile);
  EXPECT_FALSE(loaded.origins.contains("upstreams.x.timeouts.connect"));
}

TEST(Load, AnUnknownProviderIsToldWithTheNearestName) {
  const Workspace workspace;

  const Loaded loaded =
      workspace.load_text("upstreams: { x: { provider: gmial, user: a@b.c, password_file: secret } }\n");

  EXPECT_EQ(first_error(loaded).hint, "did you mean \"gmail\"?");
  EXPECT_EQ(count_errors(loaded), 1);
}

TEST(Load, AProfileInAnEarlierFolderWins) {
  Workspace workspace;
  workspace.write("providers/qq.yaml", "domains: [qq.com]\ndefaults: { host: other.example }\n");
  workspace.options.provider_dirs.insert(workspace.options.provider_dirs.begin(),
                                         workspace.path("providers"));

  EXPECT_EQ(workspace.load_text(kUpstream).settings->upstreams[0].host, "other.example");
}

TEST(Load, AMistakeInAProfileIsTold) {
  Workspace workspace;
  workspace.write("providers/mine.yaml", "defaults: { hots: other.example, password_file: x }\n");
  workspace.options.provider_dirs = {workspace.path("providers")};

  const Loaded loaded = workspace.load_text("upstreams: { x: { host: h.example } }\n");

  EXPECT_EQ(find_message(loaded, "hots").file, workspace.path("providers/mine.yaml"));
  EXPECT_EQ(find_message(loaded, "cannot set password_file").severity, Diagnostic::Error);
}

TEST(Load, WithoutProfilesCustomStillWorks) {
  Workspace workspace;
  workspace.options.provider_dirs = {workspace.path("nowhere")};

  EXPECT_TRUE(workspace.load_text("upstreams: { x: { provider: custom, host: h.example } }\n").settings);
}

TEST(Load, AProviderWithManyHostsAsksForOne) {
  const Workspace workspace;

  const Loaded loaded =
      workspace.load_text("upstreams: { x: { provider: ses, user: AKIAXXXXXXXX, password_file: secret } }\n");

  EXPECT_NE(first_error(loaded).message.find("needs a host"), std::string::npos);
  EXPECT_NE(first_error(loaded).hint.find("email-smtp.us-east-1.amazonaws.com"), std::string::npos);
}

TEST(Load, PortAndTlsFollowFromEachOther) {
  const Workspace workspace;
  const auto upstream = [&](const std::string& keys) {
    const Loaded loaded = workspace.load_text("upstreams: { x: { " + keys + " } }\n");
    EXPECT_TRUE(loaded.settings) << keys << render(loaded.diagnostics);
    return loaded.settings->upstreams[0];
  };

  EXPECT_EQ(upstream("host: h.example").port, 465);
  EXPECT_EQ(upstream("host: h.example, port: 587").tls, TlsMode::StartTls);
  EXPECT_EQ(upstream("host: h.example, tls: starttls").port, 587);
  EXPECT_EQ(upstream("provider: ses, host: h.example, port: 2587").tls, TlsMode::StartTls);
  EXPECT_EQ(upstream("host: 127.0.0.1, tls: none").port, 25);
  EXPECT_EQ(upstream("provider: qq, user: a@qq.com, password_file: secret, port: 587").tls,
            TlsMode::StartTls);
  EXPECT_EQ(upstream("provider: m365, user: a@b.c, password_file: secret, port: 465, tls: implicit").port,
            465);
}

TEST(Load, AnUnusualPortSaysNothingOfTheTlsMode) {
  Workspace workspace;
  const Loaded loaded = workspace.load_text("upstreams: { x: { host: h.example, port: 40465 } }\n");

  ASSERT_TRUE(loaded.settings) << render(loaded.diagnostics);
  EXPECT_EQ(loaded.settings->upstreams[0].tls, TlsMode::Implicit);
}

TEST(Load, TheSameBytesHaveTheSameHashAndOneByteChangesIt) {
  const Workspace workspace;
  const std::string before = workspace.load_text("queue: { history: 10d }\n" + kUpstream).content_hash;

  EXPECT_EQ(workspace.load_text("queue: { history: 10d }\n" + kUpstream).content_hash, before);
  EXPECT_NE(workspace.load_text("queue: { history: 11d }\n" + kUpstream).content_hash, before);
}

TEST(Load, AMachineWithoutAFullNameSaysALiteralAndIsWarned) {
  Workspace workspace;
  workspace.options.system_hostname = "vm";

  const Loaded loaded = workspace.load_text(kUpstream);

  ASSERT_TRUE(loaded.settings);
  EXPECT_EQ(loaded.settings->hostname, "[127.0.0.1]");
  EXPECT_EQ(find_message(loaded, "no full name").severity, Diagnostic::Warning);
}

TEST(Load, TheSystemsAliasesAreTakenWhereTheyExist) {
  Workspace workspace;
  workspace.write("aliases", "");
  workspace.options.system_aliases = workspace.path("aliases");

  EXPECT_EQ(workspace.load_text(kUpstream).settings->aliases_file, workspace.path("aliases"));
}

TEST(Load, WithoutRootTheReaderOfLocalMailIsMissedAloud) {
  const Workspace workspace;

  EXPECT_EQ(find_message(workspace.load_text(kUpstream), "root is not set").severity, Diagnostic::Warning);
}

}  // namespace
}  // namespace mailchute
