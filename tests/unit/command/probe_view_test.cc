#include "command/probe_view.h"

#include <gtest/gtest.h>

namespace mailchute {
namespace {

constexpr WallTime kNow{Duration{1'772'366'400'000}};  // 2026-03-01T12:00:00Z

ProbeStep step_at(Stage stage, Reply reply = {}) {
  ProbeStep step;
  step.stage = stage;
  step.took = Duration{1'234};
  step.reply = std::move(reply);
  return step;
}

std::string lines(const ProbeStep& step, Language language = Language::English) {
  return probe_lines(step, kNow, language, 40);
}

TEST(ProbeView, NamesAddressesAndPeers) {
  ProbeStep resolve = step_at(Stage::Resolve);
  resolve.addresses = {"[2001:db8::1]:465", "192.0.2.1:465"};
  EXPECT_EQ(lines(resolve), "resolve   ok          1.2s  [2001:db8::1]:465, 192.0.2.1:465\n");

  ProbeStep connect = step_at(Stage::Connect);
  connect.peer = "192.0.2.1:465";
  EXPECT_EQ(lines(connect), "connect   ok          1.2s  192.0.2.1:465\n");
}

TEST(ProbeView, TellsTheCertificateAndHowLongItLasts) {
  ProbeStep tls = step_at(Stage::Tls);
  tls.tls = TlsFacts{"TLSv1.3",
                     "AES",
                     "sha256:00",
                     {"CN = mx.test", "mx.test, a.test", "CN = ca", kNow + std::chrono::hours(49)}};

  EXPECT_EQ(lines(tls),
            "tls       ok          1.2s  TLSv1.3 AES\n"
            "                              certificate of CN = mx.test\n"
            "                              for mx.test, a.test\n"
            "                              by CN = ca, until 2026-03-03 (2d 1h)\n");
}

TEST(ProbeView, ListsWhatIsOfferedInTheServersWords) {
  ProbeStep ehlo = step_at(Stage::Ehlo, {250, "", "mx.test\nSIZE 1000\nAUTH=LOGIN"});
  ehlo.offered = Extensions{};

  EXPECT_EQ(lines(ehlo), "ehlo      ok          1.2s  250 mx.test: SIZE 1000, AUTH=LOGIN\n");
}

TEST(ProbeView, ExplainsAFailureInTheReadersLanguage) {
  ProbeStep login = step_at(Stage::Auth, {535, "5.7.8", "no\nway"});
  login.outcome = ProbeStep::Outcome::Failed;
  login.explanation = Explanation{"The provider refused the login, and mail waits.", "服务商拒绝了登录。"};

  EXPECT_EQ(lines(login),
            "auth      FAILED      1.2s  535 5.7.8 no way\n"
            "  The provider refused the login, and\n"
            "  mail waits.\n");
  EXPECT_NE(lines(login, Language::Chinese).find("  服务商拒绝了登录。\n"), std::string::npos);
}

TEST(ProbeView, NothingThatAPeerSaysReachesTheTerminalAsItIs) {
  ProbeStep ehlo = step_at(Stage::Ehlo, {250, "", "mx\x1b[2J\nSIZE\x07"});
  ehlo.offered = Extensions{};
  const ProbeStep greeting = step_at(Stage::Greeting, {220, "", "hi\x1b[2J\x9b"});

  for (const std::string& text : {lines(ehlo), lines(greeting)})
    EXPECT_EQ(text.find_first_of("\x1b\x07\x9b"), std::string::npos) << text;
}

TEST(ProbeView, AdviceEndsWithACommandWhateverFailed) {
  UpstreamSettings upstream;
  upstream.name = "qq";
  upstream.host = "smtp.qq.com";
  upstream.port = 465;
  upstream.password_file = "/etc/mailchute/credentials/qq";
  upstream.alternatives = {{"smtp.qq.com", 587, TlsMode::StartTls}};
  for (const Stage stage : {Stage::Resolve, Stage::Connect, Stage::Tls, Stage::Greeting, Stage::Ehlo,
                            Stage::StartTls, Stage::Auth, Stage::MailFrom, Stage::Reset})
    EXPECT_NE(probe_advice({}, upstream, step_at(stage)).english.find("; next: "), std::string::npos)
        << stage_name(stage);

  EXPECT_EQ(
      probe_advice({}, upstream, step_at(Stage::Connect)).english,
      "a network may block port 465; write port: 587 under upstream qq; next: mailchute upstream test qq");
  EXPECT_EQ(probe_advice({}, upstream, step_at(Stage::Auth)).english,
            "store the right secret; next: mailchute credential set qq");
  upstream.password_file.clear();
  upstream.password_command = {"pass", "show", "qq"};
  EXPECT_EQ(probe_advice({}, upstream, step_at(Stage::Auth)).english,
            "make pass print the right secret; next: mailchute upstream test qq");
  EXPECT_EQ(probe_advice({.config = "/tmp/c.yaml"}, upstream, step_at(Stage::Auth)).english,
            "make pass print the right secret; next: mailchute upstream test qq --config /tmp/c.yaml");
}

}  // namespace
}  // namespace mailchute
