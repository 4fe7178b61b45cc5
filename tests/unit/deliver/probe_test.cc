#include "deliver/probe.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "fake/fake_dialer.h"
#include "fake/fake_loop.h"
#include "fake/fake_provider.h"
#include "unit/deliver/provider_fixture.h"

namespace mailchute {
namespace {

using Depth = ProbeWish::Depth;
using Outcome = ProbeStep::Outcome;

class ProbeTest : public ::testing::Test, public ProbeUser {
 protected:
  ProbeTest() : dialer(loop) {
    provider.serve(dialer);
    settings.name = "up";
    settings.host = "up.test";
    settings.port = 465;
    settings.user = "me@up.test";
    settings.auth = {"plain"};
    settings.mail_domain = "s.test";
  }
  ~ProbeTest() override {
    probe.reset();
    loop.run();
  }

  void try_it(Depth depth = Depth::Sender) {
    probe = std::make_unique<Probe>(settings, ProbeWish{"relay.test", Secret("letmein"), depth},
                                    ProbeTools{dialer, loop, loop}, *this);
    probe->start();
    EXPECT_TRUE(steps.empty());
    loop.run();
  }

  /// `resolve connect tls ...`, the failed one with a `!`.
  std::string story() const {
    std::string told;
    for (const ProbeStep& step : steps)
      told += (told.empty() ? "" : " ") + std::string(stage_name(step.stage)) +
              (step.outcome == Outcome::Failed ? "!" : "");
    return told;
  }

  std::size_t logins_tried() const {
    std::size_t count = 0;
    for (const std::string& line : provider.lines) count += line.starts_with("AUTH ") ? 1 : 0;
    return count;
  }

  void on_step(const ProbeStep& step) override { steps.push_back(step); }
  void on_finished(Outcome outcome) override {
    EXPECT_FALSE(finished);
    finished = outcome;
  }

  fake::FakeLoop loop;
  fake::FakeDialer dialer;
  fake::FakeProvider provider;
  UpstreamSettings settings;
  std::vector<ProbeStep> steps;
  std::optional<Outcome> finished;
  std::unique_ptr<Probe> probe;
};

TEST_F(ProbeTest, TellsEachStepAndSendsNothing) {
  try_it();

  EXPECT_EQ(story(), "resolve connect tls greeting ehlo auth mail reset");
  EXPECT_EQ(finished, Outcome::Good);
  EXPECT_EQ(provider.lines.back(), "QUIT");
  EXPECT_EQ(provider.messages, 0u);
  EXPECT_EQ(provider.logins, 1u);
  EXPECT_EQ(steps[0].addresses, std::vector<std::string>{"192.0.2.1:465"});
  EXPECT_EQ(steps[1].peer, "192.0.2.1:465");
  EXPECT_EQ(steps[2].tls->version, "TLSv1.3");
  EXPECT_EQ(steps[3].reply.text, "up.test");
  EXPECT_TRUE(steps[4].offered->pipelining);
  EXPECT_EQ(steps[5].reply.code, 235);
  EXPECT_EQ(steps[6].sender->text(), "me@up.test");
}

TEST_F(ProbeTest, StopsAtTheOffersWithoutALogin) {
  try_it(Depth::Offers);

  EXPECT_EQ(story(), "resolve connect tls greeting ehlo");
  EXPECT_EQ(finished, Outcome::Good);
  EXPECT_EQ(logins_tried(), 0u);
}

TEST_F(ProbeTest, StopsAfterTheLoginWhereNoSenderIsToBeTried) {
  try_it(Depth::Login);

  EXPECT_EQ(story(), "resolve connect tls greeting ehlo auth");
  EXPECT_EQ(provider.lines.back(), "QUIT");
}

TEST_F(ProbeTest, PutsTlsOnAfterStartTlsAndAsksAnew) {
  settings.tls = TlsMode::StartTls;
  provider.say = [](const std::string& line, std::size_t) {
    if (line == "STARTTLS") return "220 go\r\n";
    return line.starts_with("EHLO") ? "250-up.test\r\n250-STARTTLS\r\n250 AUTH PLAIN\r\n" : "";
  };

  try_it();

  EXPECT_EQ(story(), "resolve connect greeting ehlo starttls tls ehlo auth mail reset");
}

TEST_F(ProbeTest, ARefusedLoginIsTriedOnceAndExplainedInTheProvidersOwnWords) {
  settings.rules = rules_of("qq");
  settings.auth = {"login", "plain"};
  provider.say = [](const std::string& line, std::size_t) {
    if (line.starts_with("EHLO")) return "250-smtp.qq.com\r\n250 AUTH LOGIN PLAIN\r\n";
    if (line == "AUTH LOGIN") return "334 VXNlcm5hbWU6\r\n";
    if (line == "bWVAdXAudGVzdA==") return "334 UGFzc3dvcmQ6\r\n";
    return "535 Login fail. Account is abnormal, service is not open, password is incorrect\r\n";
  };

  try_it();

  EXPECT_EQ(story(), "resolve connect tls greeting ehlo auth!");
  EXPECT_EQ(finished, Outcome::Failed);
  EXPECT_EQ(logins_tried(), 1u);
  const ProbeStep& login = steps.back();
  EXPECT_EQ(login.reply.code, 535);
  EXPECT_EQ(login.verdict->rule, "qq-login");
  EXPECT_EQ(login.verdict->pause->kind, Pause::Kind::Login);
  EXPECT_NE(login.explanation->in(Language::English).find("authorization code"), std::string::npos);
  EXPECT_NE(login.explanation->in(Language::Chinese).find("授权码"), std::string::npos);
}

TEST_F(ProbeTest, ARefusedFormOfLoginIsNoFailure) {
  settings.auth = {"plain", "login"};
  provider.say = [](const std::string& line, std::size_t) {
    if (line.starts_with("EHLO")) return "250-up.test\r\n250 AUTH LOGIN PLAIN\r\n";
    if (line.starts_with("AUTH PLAIN")) return "504 unknown\r\n";
    if (line == "AUTH LOGIN" || line == "bWVAdXAudGVzdA==") return "334 VXNlcm5hbWU6\r\n";
    return line == "bGV0bWVpbg==" ? "235 ok\r\n" : "";
  };

  try_it();

  EXPECT_EQ(story(), "resolve connect tls greeting ehlo auth mail reset");
}

TEST_F(ProbeTest, ARefusedSenderIsToldAndTheSessionIsLeftInOrder) {
  provider.say = [](const std::string& line, std::size_t) {
    return line.starts_with("MAIL") ? "501 Mail from address must be same as authorization user.\r\n" : "";
  };

  try_it();

  EXPECT_EQ(story(), "resolve connect tls greeting ehlo auth mail!");
  EXPECT_EQ(steps.back().verdict->rule, "sender-refused");
  EXPECT_EQ(steps.back().sender->text(), "me@up.test");
  EXPECT_EQ(provider.lines.back(), "QUIT");
}

TEST_F(ProbeTest, TheSenderIsTheOneThatDeliveryWouldName) {
  settings.envelope_sender = "bounce@up.test";
  EXPECT_EQ(trial_sender(settings).text(), "bounce@up.test");
  settings.envelope_sender = "keep";
  EXPECT_EQ(trial_sender(settings).text(), "me@up.test");
  settings.user = "apikey";
  EXPECT_EQ(trial_sender(settings).text(), "postmaster@s.test");
}

TEST_F(ProbeTest, FaultsBeforeTheConversationAreStepsToo) {
  struct Case {
    DialFault fault;
    std::string story;
  };
  for (const Case& each : {Case{{Stage::Resolve, "cannot resolve up.test: not known"}, "resolve!"},
                           Case{{Stage::Connect, "192.0.2.1:465: connection refused"}, "resolve connect!"}}) {
    steps.clear();
    finished.reset();
    dialer.answers = {each.fault};

    try_it();

    EXPECT_EQ(story(), each.story);
    EXPECT_EQ(steps.back().reply.text, each.fault.text);
    EXPECT_TRUE(steps.back().explanation->words.starts_with("The provider could not be reached, or"));
    EXPECT_EQ(finished, Outcome::Failed);
  }
}

TEST_F(ProbeTest, TlsThatCannotBeHadIsAStep) {
  dialer.handshake_fails = "the certificate was refused: certificate has expired";
  try_it();
  EXPECT_EQ(story(), "resolve connect tls!");
  EXPECT_EQ(steps.back().reply.text, "the certificate was refused: certificate has expired");

  steps.clear();
  finished.reset();
  dialer.secure_fails = "cannot read /ca.pem";
  try_it();
  EXPECT_EQ(story(), "resolve connect tls!");
  EXPECT_EQ(provider.lines, std::vector<std::string>{});
}

TEST_F(ProbeTest, SilenceEndsAtItsStepWhenPatienceDoes) {
  provider.say = [](const std::string& line, std::size_t) { return line.starts_with("EHLO") ? "+" : ""; };
  settings.timeouts.command = Duration{300'000};

  try_it();
  EXPECT_FALSE(finished);
  loop.advance(Duration{59'999});
  EXPECT_FALSE(finished);
  loop.advance(Duration{1});

  EXPECT_EQ(story(), "resolve connect tls greeting ehlo!");
  EXPECT_EQ(steps.back().reply.text, "no answer to EHLO within 60 s");
  EXPECT_EQ(steps.back().took, Duration{60'000});
}

TEST_F(ProbeTest, AHandshakeWithoutEndEndsToo) {
  dialer.never_secured = true;

  try_it();
  loop.advance(Duration{30'000});

  EXPECT_EQ(story(), "resolve connect tls!");
}

TEST_F(ProbeTest, AConnectionThatEndsInTheMiddleFailsWhereItWas) {
  provider.say = [](const std::string& line, std::size_t) { return line.starts_with("AUTH") ? "-" : ""; };

  try_it();

  EXPECT_EQ(story(), "resolve connect tls greeting ehlo auth!");
  EXPECT_EQ(steps.back().reply.code, 0);
  EXPECT_EQ(steps.back().verdict->rule, "login-unanswered");
}

TEST_F(ProbeTest, AGreetingThatIsNoGreetingIsToldOnceAsAFailure) {
  provider.greeting = "554 no\r\n";
  try_it();
  EXPECT_EQ(story(), "resolve connect tls greeting!");

  steps.clear();
  finished.reset();
  provider.greeting = "250 hi\r\n";
  try_it();
  EXPECT_EQ(story(), "resolve connect tls greeting!");
}

TEST_F(ProbeTest, DestroyedInTheMiddleItSaysNothingMore) {
  probe = std::make_unique<Probe>(settings, ProbeWish{"relay.test", Secret("letmein")},
                                  ProbeTools{dialer, loop, loop}, *this);
  probe->start();
  for (int turns = 0; turns < 4; ++turns) loop.turn();
  const std::size_t told = steps.size();

  probe.reset();
  loop.run();

  EXPECT_EQ(steps.size(), told);
  EXPECT_FALSE(finished);
}

}  // namespace
}  // namespace mailchute
