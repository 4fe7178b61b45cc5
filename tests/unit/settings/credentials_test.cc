#include "settings/credentials.h"

#include <gtest/gtest.h>

#include "settings/secret.h"
#include "unit/settings/workspace.h"

namespace mailchute {
namespace {

class Credentials : public testing::Test {
 protected:
  Credentials() { workspace_.options.credentials = workspace_.path("passed"); }

  /// The secret of the one upstream whose password_file is written so.
  std::string secret_of(const std::string& password_file) {
    loaded_ = workspace_.load_text(
        "root: a@b.test\nupstreams: { qq: { user: 10001@qq.com, password_file: " + password_file + " } }\n");
    EXPECT_TRUE(loaded_.settings) << render(loaded_.diagnostics);
    const auto secret = read_secret(loaded_.settings->upstreams.front());
    return secret ? std::string(secret->reveal()) : "none: " + secret.error().text;
  }

  Workspace workspace_;
  Loaded loaded_;
};

TEST_F(Credentials, WhatWasPassedIsReadInThePlaceOfTheFile) {
  workspace_.write("passed/qq", "passed\n", 0400);

  EXPECT_EQ(secret_of("credentials/qq"), "passed");
  EXPECT_TRUE(loaded_.diagnostics.empty()) << render(loaded_.diagnostics);
}

TEST_F(Credentials, AFileThatIsHiddenByOneIsNamed) {
  workspace_.write("passed/qq", "passed\n", 0400);
  workspace_.write("credentials/qq", "filed\n", 0640);

  EXPECT_EQ(secret_of("credentials/qq"), "passed");
  EXPECT_NE(render(loaded_.diagnostics).find("is used, not " + workspace_.path("credentials/qq")),
            std::string::npos);
}

TEST_F(Credentials, AnotherNameIsNotTakenForIt) {
  workspace_.write("passed/other", "passed\n", 0400);
  workspace_.write("credentials/qq", "filed\n", 0640);

  EXPECT_EQ(secret_of("credentials/qq"), "filed");
}

TEST_F(Credentials, AMissingOneIsAWarningAndMailWaits) {
  EXPECT_EQ(secret_of("credentials/qq").find("none: cannot read"), 0U);
  ASSERT_EQ(loaded_.diagnostics.size(), 1U);
  EXPECT_EQ(loaded_.diagnostics.front().severity, Diagnostic::Warning);
}

TEST_F(Credentials, AFileElsewhereIsReadWhereItIs) {
  workspace_.write("passed/secret", "passed\n", 0400);
  workspace_.write("passed/b", "passed\n", 0400);
  workspace_.write("credentials/a/b", "deeper\n", 0640);

  EXPECT_EQ(secret_of("secret"), "s3cret");
  EXPECT_EQ(secret_of("credentials/a/b"), "deeper");
  EXPECT_EQ(secret_of("credentials/../secret"), "s3cret");
}

TEST_F(Credentials, OneThatIsEmptyIsRefusedAsAFileWouldBe) {
  workspace_.write("passed/qq", "", 0400);

  EXPECT_NE(secret_of("credentials/qq").find("it is empty"), std::string::npos);
}

}  // namespace
}  // namespace mailchute
