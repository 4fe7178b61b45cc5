// Single values that do not fit, and values that do not fit together.
#include <gtest/gtest.h>

#include "unit/settings/workspace.h"

namespace mailchute {
namespace {

struct Mistake {
  const char* name;
  const char* text;  // `U` at the end stands for an upstream that is complete.
  const char* message;
  const char* hint;
};

class ConfigurationMistake : public testing::TestWithParam<Mistake> {};

TEST_P(ConfigurationMistake, IsAnErrorWithAHint) {
  const Workspace workspace;
  std::string text = GetParam().text;
  if (text.ends_with("U")) text.replace(text.size() - 1, 1, kUpstream);

  const Loaded loaded = workspace.load_text(text);

  EXPECT_FALSE(loaded.settings);
  const Diagnostic error = find_message(loaded, GetParam().message);
  EXPECT_EQ(error.message.empty(), false) << render(loaded.diagnostics);
  EXPECT_EQ(error.severity, Diagnostic::Error);
  EXPECT_NE(error.hint.find(GetParam().hint), std::string::npos) << render(loaded.diagnostics);
  EXPECT_GT(error.line, 0);
  EXPECT_EQ(count_errors(loaded), 1) << render(loaded.diagnostics);
}

const Mistake kMistakes[] = {
    {"UnknownKey_K002", "lgo: { level: info }\nU", "unknown key \"lgo\"", "did you mean \"log\"?"},
    {"KeyOfAnotherPlace", "lifetime: 5d\nU", "unknown key \"lifetime\"", "it belongs under \"queue\""},
    {"KeyWithADot", "queue.path: /a\nU", "unknown key \"queue.path\"", "write \"path\" under \"queue\""},
    {"MisspeltPassword_K002", "upstreams: { x: { host: h.example, pasword: x } }\n",
     "unknown key \"pasword\"", "password_file"},
    {"InlineSecret", "upstreams: { x: { host: h.example, password: x } }\n", "unknown key \"password\"",
     "password_file"},
    {"SectionWithAValue", "queue: 5\nU", "queue takes keys of its own", ""},
    {"ListForAValue", "hostname: [a]\nU", "takes one value", ""},
    {"ValueForAList", "listen: { smtp: \"127.0.0.1:25\" }\nU", "takes a list", "[\"127.0.0.1:25\"]"},
    {"StringForACommand", "notify: { command: \"a b\" }\nU", "takes a list", "there is no shell"},
    {"BareNumberForATime_K027", "queue: { lifetime: 5 }\nU", "\"5\" needs a unit", "30s"},
    {"BareNumberForASize_K027", "queue: { reserve: 500 }\nU", "\"500\" needs a unit", "10KiB"},
    {"AmbiguousSize_K027", "queue: { reserve: 500M }\nU", "has no unit", "500MiB or 500MB"},
    {"WrongUnit", "queue: { lifetime: 5MiB }\nU", "has no unit", "30s"},
    {"NegativeTime_K027", "retry: { first: -5m }\nU", "is negative", ""},
    {"Overflow_K027", "queue: { reserve: 99999999999999TiB }\nU", "is too large", ""},
    {"BelowTheRange", "limits: { recipients: 10 }\nU", "\"10\" is too small", "the least is 100"},
    {"AboveTheRange", "upstreams: { x: { host: h.example, port: 70000 } }\n", "\"70000\" is too large",
     "65535"},
    {"ZeroLifetime_K028", "queue: { lifetime: 0 }\nU", "\"0\" is too small", "the least is 1m"},
    {"ExponentForANumber", "retry: { factor: 1e1 }\nU", "is not a number", "0.2"},
    {"YesForTrue", "listen: { allow_nonloopback: yes }\nU", "neither true nor false", "write true"},
    {"WrongWord", "log: { level: warn }\nU", "is none of debug", ""},
    {"ControlByteInAUser_K007",
     "upstreams: { x: { host: h.example, user: \"a\\0b\", password_file: secret } }\n", "control byte", ""},
    {"HomeInAPath", "queue: { path: ~/q.db }\nU", "only a shell", "whole path"},
    {"RootWithoutADomain", "root: ops\nU", "has no domain", "ops@example.com"},
    {"MaxBelowFirst_K028", "retry: { first: 2h, max: 1h }\nU",
     "retry.max (1h) is shorter than retry.first (2h)", ""},
    {"LifetimeBelowFirst_K028", "queue: { lifetime: 30m }\nretry: { first: 45m }\nU",
     "queue.lifetime (30m) is shorter", ""},
    {"CooldownsReversed", "cooldown: { login_first: 7h }\nU", "cooldown.login_max (6h) is shorter", ""},
    {"MessageLargerThanQueue", "queue: { max_bytes: 10MiB }\nU", "may be larger than the queue", ""},
    {"OpenListener_K026", "listen: { smtp: [\"0.0.0.0:25\"] }\nU", "0.0.0.0:25 can be reached", "127.0.0.1"},
    {"OpenIpv6Listener_K026", "listen: { smtp: [\"[::]:25\"] }\nU", "[::]:25 can be reached", "127.0.0.1"},
    {"PublicListener_K026", "listen: { smtp: [\"203.0.113.9:25\"] }\nU", "can be reached", "127.0.0.1"},
    {"MappedListener_K026", "listen: { smtp: [\"[::ffff:127.0.0.1]:25\"] }\nU", "can be reached",
     "127.0.0.1"},
    {"OpenListenerWithoutUsers", "listen: { smtp: [\"0.0.0.0:25\"], allow_nonloopback: true }\nU",
     "can be reached", "smtp_users"},
    {"OpenListenerWithoutCertificate",
     "listen: { smtp: [\"0.0.0.0:25\"], allow_nonloopback: true, smtp_users: [{ name: a, password_file: "
     "secret }] }\nU",
     "can be reached", "tls_certificate and listen.tls_key"},
    {"OpenListenerWithoutLeave",
     "listen: { smtp: [\"0.0.0.0:25\"], tls_certificate: c, tls_key: secret, smtp_users: [{ name: a, "
     "password_file: secret }] }\nU",
     "can be reached", "allow_nonloopback"},
    {"CertificateWithoutKey", "listen: { tls_certificate: c }\nU", "needs listen.tls_key beside it",
     "tls_key:"},
    {"KeyWithoutCertificate", "listen: { tls_key: secret }\nU", "needs listen.tls_certificate beside it",
     "tls_certificate:"},
    {"TwoUsersOfOneName",
     "listen: { smtp_users: [{ name: a, password_file: secret }, { name: a, password_file: secret }] }\nU",
     "there are two users a", "another name"},
    {"UserWithABlank", "listen: { smtp_users: [{ name: a b, password_file: secret }] }\nU",
     "is not a name for a login", "visible ASCII"},
    {"ListenerByName", "listen: { smtp: [\"localhost:25\"] }\nU", "does not begin with an IP address",
     "127.0.0.1:25"},
    {"OpenHttp", "http: { listen: \"0.0.0.0:8825\" }\nU", "can be reached", "proxy"},
    {"LongSocketPath",
     "listen: { control: "
     "/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
     "aaaaaaaaaaaa.sock }\nU",
     "listen.control is longer", ""},
    {"NoUpstreams_K034", "upstreams: {}\n", "edit me: no upstreams", "write upstreams: { qq:"},
    {"NoProviderNoHost", "upstreams: { x: { user: a@corp.example, password_file: secret } }\n",
     "needs a provider or a host", "provider:"},
    {"UpstreamName", "upstreams: { \"a b\": { host: h.example } }\n", "not a name for an upstream",
     "letters"},
    {"HostWithAScheme_K023", "upstreams: { x: { host: smtps://smtp.qq.com } }\n", "is a URL", "smtp.qq.com"},
    {"HostWithAPort_K023", "upstreams: { x: { host: \"smtp.qq.com:465\" } }\n", "has a port", "port: 465"},
    {"HostWithBlanks_K023", "upstreams: { x: { host: smtp qq com } }\n", "has blanks", ""},
    {"EmptyHost_K023", "upstreams: { x: { host: \"\" } }\n", "the host is empty", "smtp.example.com"},
    {"HostThatIsNone_K023", "upstreams: { x: { host: -a-.example } }\n", "not a host name", ""},
    {"BrokenIpv4_K023", "upstreams: { x: { host: 256.1.1.1 } }\n", "not a host name", ""},
    {"TlsOff_K024", "upstreams: { x: { host: h.example, tls: none } }\n", "loopback host only", "implicit"},
    {"PasswordInClear_K024",
     "upstreams: { x: { host: 127.0.0.1, tls: none, user: a, password_file: secret } }\n", "in clear",
     "remove user"},
    {"UserWithoutSecret", "upstreams: { x: { host: h.example, user: a } }\n", "has a user but no secret",
     "password_file"},
    {"SecretWithoutUser", "upstreams: { x: { host: h.example, password_file: secret } }\n",
     "a secret but no user", ""},
    {"TwoSecrets",
     "upstreams: { x: { host: h.example, user: a, password_file: secret, password_command: [p] } }\n",
     "exclude each other", ""},
    {"TokenForNoMechanism", "upstreams: { x: { host: h.example, user: a, token_command: [t] } }\n",
     "no mechanism of auth takes a token", "xoauth2"},
    {"SenderLoginWithoutAddress",
     "upstreams: { x: { host: h.example, user: apikey, password_file: secret, envelope_sender: login } }\n",
     "the user is no address", "an address"},
    {"SenderLoginWithoutUser", "upstreams: { x: { provider: qq } }\n", "needs a user", ""},
    {"SenderThatIsNone", "upstreams: { x: { host: h.example, envelope_sender: kepe } }\n",
     "none of keep, login", "\"keep\""},
    {"Mechanism", "upstreams: { x: { host: h.example, auth: [lgoin] } }\n", "is none of login", "\"login\""},
    {"NoMechanism", "upstreams: { x: { host: h.example, auth: [] } }\n", "auth is an empty list",
     "[login, plain]"},
    {"Fingerprint", "upstreams: { x: { host: h.example, tls_fingerprint: \"sha1:00\" } }\n",
     "not a fingerprint", "sha256:"},
    {"RateWithoutWindow", "upstreams: { x: { host: h.example, rate: 30 } }\n", "is not a rate", "10/min"},
    {"QuotaOfSomethingElse", "upstreams: { x: { host: h.example, quota: { bytes: 1/day } } }\n",
     "is none of messages", ""},
    {"RouteToNowhere", "routes: [{ via: [qqq] }]\nU", "there is no upstream \"qqq\"", "\"qq\""},
    {"RouteWithoutVia", "routes: [{ from: a@b.c }]\nU", "needs via", ""},
    {"EmptyVia", "routes: [{ via: [] }]\nU", "via is an empty list", ""},
    {"RoutesAsAMap", "routes: { via: [qq] }\nU", "routes takes a list", "dash"},
    {"SmtpUserWithoutPassword", "listen: { smtp_users: [{ name: a }] }\nU", "needs a password_file", ""},
};

INSTANTIATE_TEST_SUITE_P(Settings, ConfigurationMistake, testing::ValuesIn(kMistakes),
                         [](const auto& row) { return std::string(row.param.name); });

TEST(Check, HostsAreBroughtToOneSpelling) {
  const Workspace workspace;
  const std::pair<std::string, std::string> cases[] = {{"SMTP.QQ.com.", "smtp.qq.com"},
                                                       {"\"[::1]\"", "::1"},
                                                       {"192.0.2.1", "192.0.2.1"},
                                                       {"邮件.example", "xn--5nq051n.example"},
                                                       {"bücher.example", "xn--bcher-kva.example"}};
  for (const auto& [written, kept] : cases) {
    const Loaded loaded = workspace.load_text("upstreams: { x: { host: " + written + " } }\n");
    ASSERT_TRUE(loaded.settings) << written << render(loaded.diagnostics);
    EXPECT_EQ(loaded.settings->upstreams[0].host, kept);
  }
}

TEST(Check, ASecretThatOthersCanReadIsAnErrorAtItsKey) {
  const Workspace workspace;
  workspace.write("open", "x\n", 0644);

  const Loaded loaded =
      workspace.load_text("upstreams:\n  x: { host: h.example, user: a, password_file: open }\n");

  EXPECT_NE(first_error(loaded).message.find("others can read it"), std::string::npos)
      << render(loaded.diagnostics);
  EXPECT_EQ(first_error(loaded).line, 2);
  EXPECT_EQ(first_error(loaded).column, 34);
}

TEST(Check, ASecretThatIsNotThereYetIsAWarningBecauseMailCanWait) {
  const Workspace workspace;

  const Loaded loaded =
      workspace.load_text("upstreams: { x: { host: h.example, user: a, password_file: later } }\n");

  EXPECT_TRUE(loaded.settings) << render(loaded.diagnostics);
  EXPECT_EQ(find_message(loaded, "No such file").severity, Diagnostic::Warning);
}

TEST(Check, AMissingCaFileIsAWarningBecauseMailCanWait) {
  const Workspace workspace;
  workspace.write("empty.pem", "");

  const Loaded loaded = workspace.load_text(
      "upstreams: { x: { host: h.example, ca_file: no.pem }, y: { host: h.example, ca_file: empty.pem } }\n");

  EXPECT_TRUE(loaded.settings) << render(loaded.diagnostics);
  EXPECT_EQ(find_message(loaded, "no.pem").severity, Diagnostic::Warning);
  EXPECT_EQ(find_message(loaded, "holds no certificate").severity, Diagnostic::Warning);
}

TEST(Check, ARouteBehindOneThatTakesEverythingIsAWarning) {
  const Workspace workspace;

  const Loaded loaded =
      workspace.load_text("routes:\n  - { via: [qq] }\n  - { from: \"*@a.b\", via: [qq] }\n" + kUpstream);

  ASSERT_TRUE(loaded.settings);
  EXPECT_EQ(find_message(loaded, "no mail reaches this route").line, 3);
}

TEST(Check, TheDefaultRouteFollowsTheWrittenOnes) {
  const Workspace workspace;

  const Loaded loaded = workspace.load_text(
      "upstreams: { a: { host: a.example }, b: { host: b.example } }\nroutes: [{ from: \"*@corp.example\", "
      "via: [b, a] }]\n");

  ASSERT_TRUE(loaded.settings);
  EXPECT_EQ(loaded.settings->routes,
            (std::vector<RouteSettings>{{"*@corp.example", "*", {"b", "a"}}, {"*", "*", {"a", "b"}}}));
}

TEST(Check, KeysWithoutEffectAreNotedOnlyWhenWritten) {
  const Workspace workspace;

  const Loaded silent = workspace.load_text(kUpstream);
  const Loaded loaded =
      workspace.load_text("http: { listen: \"127.0.0.1:8825\" }\nupstreams: { x: { host: h.example } }\n");

  EXPECT_EQ(find_message(silent, "has no effect yet").message, "");
  EXPECT_EQ(find_message(loaded, "listen has no effect yet").severity, Diagnostic::Note);
}

TEST(Check, AnUpstreamThatLacksATokenIsAWarning) {
  const Workspace workspace;

  const Loaded loaded =
      workspace.load_text("upstreams: { x: { user: a@outlook.com, password_file: secret } }\n");

  EXPECT_TRUE(loaded.settings);
  EXPECT_EQ(find_message(loaded, "token_command is missing").severity, Diagnostic::Warning);
}

TEST(Check, OfAPasswordAndATokenOneIsNamedAsIdle) {
  const Workspace workspace;
  const std::string upstream =
      "upstreams: { x: { host: h.example, user: a, password_command: [p], token_command: [t], auth: ";

  const Loaded password = workspace.load_text(upstream + "[login] } }\n");
  const Loaded token = workspace.load_text(upstream + "[login, xoauth2] } }\n");

  EXPECT_EQ(find_message(password, "the token never").severity, Diagnostic::Warning);
  EXPECT_EQ(find_message(token, "the password never").severity, Diagnostic::Warning);
  EXPECT_EQ(find_message(token, "login is not tried").severity, Diagnostic::Note);
}

TEST(Check, ACommandThatCannotBeRunIsAWarning) {
  const Workspace workspace;
  workspace.write("program", "#!/bin/sh\n", 0755);
  workspace.write("text", "x\n", 0644);
  const auto said = [&](const std::string& program) {
    const Loaded loaded = workspace.load_text("notify: { command: [\"" + program + "\", x] }\n" + kUpstream);
    EXPECT_TRUE(loaded.settings) << render(loaded.diagnostics);
    return find_message(loaded, "notify.command: ").message;
  };

  EXPECT_EQ(said(workspace.path("program")), "");
  EXPECT_NE(said(workspace.path("text")).find("cannot be executed"), std::string::npos);
  EXPECT_NE(said(workspace.path("missing")).find("is not there"), std::string::npos);
  EXPECT_NE(said("program").find("no whole path"), std::string::npos);
}

TEST(Check, ASecretsCommandMayBeFoundInPath) {
  const Workspace workspace;
  const auto said = [&](const std::string& program) {
    const Loaded loaded = workspace.load_text(
        "upstreams: { x: { host: h.example, user: a, password_command: [\"" + program + "\"] } }\n");
    return find_message(loaded, "password_command: ").message;
  };

  EXPECT_EQ(said("pass"), "");
  EXPECT_NE(said("./pass").find("no whole path"), std::string::npos);
}

TEST(Check, NoValueOfAnUnknownKeyIsEverShown) {
  const Workspace workspace;

  const Loaded loaded = workspace.load_text(
      "upstreams:\n"
      "  x: { host: h.example, password: hunter2, port: x }\n"
      "  y: { host: h.example, authcode: hunter2, port: x }\n"
      "  z:\n"
      "    password:\n"
      "      hunter2\n"
      "    host: \"unclosed\n");

  EXPECT_FALSE(loaded.settings);
  EXPECT_EQ(render(loaded.diagnostics).find("hunter2"), std::string::npos) << render(loaded.diagnostics);
}

}  // namespace
}  // namespace mailchute
