// The files of a listener's TLS and logins.
#include <gtest/gtest.h>

#include <chrono>

#include "unit/settings/workspace.h"

namespace mailchute {
namespace {

/// A certificate that ends so many hours from now; without a number one that does not fit its key.
CertificateCheck ends_in(std::optional<int> hours) {
  return [hours](const std::string& chain, const Secret& key) -> Result<std::optional<WallTime>> {
    EXPECT_EQ(chain, "CHAIN");
    EXPECT_EQ(key.reveal(), "KEY");
    if (!hours) return fail("the key does not fit the certificate");
    return std::optional<WallTime>(SystemClock().wall() + std::chrono::hours(*hours));
  };
}

class ListenerCheck : public testing::Test {
 protected:
  ListenerCheck() {
    workspace_.write("chain.pem", "CHAIN", 0644);
    workspace_.write("key.pem", "KEY", 0640);
    workspace_.options.certificate_check = ends_in(24 * 60);
  }
  Loaded load(const std::string& more = {}) {
    return workspace_.load_text("listen: { tls_certificate: chain.pem, tls_key: key.pem" + more + " }\n" +
                                kUpstream + "root: a@b.example\n");
  }
  /// The one thing that is told.
  Diagnostic told(const std::string& more = {}) {
    const Loaded loaded = load(more);
    EXPECT_EQ(loaded.diagnostics.size(), 1u) << render(loaded.diagnostics);
    EXPECT_EQ(loaded.settings.has_value(), count_errors(loaded) == 0);
    return loaded.diagnostics.empty() ? Diagnostic() : loaded.diagnostics.front();
  }

  Workspace workspace_;
};

TEST_F(ListenerCheck, HasNothingToSayOfGoodFiles) {
  const Loaded loaded = load(", smtp_users: [{ name: scanner, password_file: secret }]");

  EXPECT_TRUE(loaded.diagnostics.empty()) << render(loaded.diagnostics);
  EXPECT_EQ(loaded.settings->listen.tls_key, workspace_.path("key.pem"));
}

TEST_F(ListenerCheck, AllKeysTogetherMakeAListenerForOthersLegal) {
  const Loaded loaded = load(
      ", smtp: [\"0.0.0.0:25\", \"[::]:25\"], allow_nonloopback: true, smtp_users: [{ name: scanner, "
      "password_file: secret }]");

  EXPECT_TRUE(loaded.settings) << render(loaded.diagnostics);
}

TEST_F(ListenerCheck, AFileThatIsMissingIsAWarningAtItsPlace) {
  std::filesystem::remove(workspace_.path("chain.pem"));

  const Diagnostic diagnostic = told();

  EXPECT_EQ(diagnostic.severity, Diagnostic::Warning);
  EXPECT_NE(diagnostic.message.find("chain.pem: No such file"), std::string::npos) << diagnostic.message;
  EXPECT_NE(diagnostic.hint.find("no TLS"), std::string::npos) << diagnostic.hint;
  EXPECT_EQ(diagnostic.line, 1);
  EXPECT_EQ(diagnostic.column, 11);
}

TEST_F(ListenerCheck, AKeyThatOthersCanReadIsAnError) {
  workspace_.write("key.pem", "KEY", 0644);

  const Diagnostic diagnostic = told();

  EXPECT_EQ(diagnostic.severity, Diagnostic::Error);
  EXPECT_NE(diagnostic.message.find("others can read it"), std::string::npos) << diagnostic.message;
}

TEST_F(ListenerCheck, WhatDoesNotFitTogetherIsAWarning) {
  workspace_.options.certificate_check = ends_in(std::nullopt);

  const Diagnostic diagnostic = told();

  EXPECT_EQ(diagnostic.severity, Diagnostic::Warning);
  EXPECT_NE(diagnostic.message.find("does not fit"), std::string::npos) << diagnostic.message;
}

TEST_F(ListenerCheck, TellsOfACertificateThatHasEndedOrWillSoon) {
  workspace_.options.certificate_check = ends_in(-1);
  EXPECT_NE(told().message.find("has expired"), std::string::npos);

  workspace_.options.certificate_check = ends_in(24 * 13);
  EXPECT_NE(told().message.find("expires soon"), std::string::npos);

  workspace_.options.certificate_check = ends_in(24 * 15);
  EXPECT_TRUE(load().diagnostics.empty());
}

TEST_F(ListenerCheck, APasswordThatIsMissingIsAWarningAndAnOpenOneAnError) {
  EXPECT_EQ(told(", smtp_users: [{ name: scanner, password_file: none }]").severity, Diagnostic::Warning);

  workspace_.write("open", "password\n", 0644);
  EXPECT_EQ(told(", smtp_users: [{ name: scanner, password_file: open }]").severity, Diagnostic::Error);
}

TEST_F(ListenerCheck, UsersWithoutACertificateAreToldThatTheyCannotLogIn) {
  const Loaded loaded = workspace_.load_text(
      "listen: { smtp_users: [{ name: scanner, password_file: secret }] }\nroot: a@b.example\n" + kUpstream);

  ASSERT_EQ(loaded.diagnostics.size(), 1u) << render(loaded.diagnostics);
  EXPECT_EQ(loaded.diagnostics.front().severity, Diagnostic::Warning);
  EXPECT_NE(loaded.diagnostics.front().message.find("nobody can log in"), std::string::npos);
}

TEST_F(ListenerCheck, WhatSystemdPassesTakesThePlaceOfTheFiles) {
  workspace_.write("passed/tls-key", "KEY", 0400);
  workspace_.options.credentials = workspace_.path("passed");

  const Loaded loaded = workspace_.load_text(
      "listen: { tls_certificate: chain.pem, tls_key: credentials/tls-key }\nroot: a@b.example\n" +
      kUpstream);

  ASSERT_TRUE(loaded.settings) << render(loaded.diagnostics);
  EXPECT_EQ(loaded.settings->listen.tls_key, workspace_.path("passed/tls-key"));
  EXPECT_TRUE(loaded.diagnostics.empty()) << render(loaded.diagnostics);
}

}  // namespace
}  // namespace mailchute
