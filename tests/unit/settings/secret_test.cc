#include "settings/secret.h"

#include <gtest/gtest.h>

#include "unit/settings/workspace.h"

namespace mailchute {
namespace {

class SecretFile : public testing::Test {
 protected:
  Result<Secret> read(const std::string& bytes, mode_t mode = 0600) {
    workspace_.write("file", bytes, mode);
    upstream_.password_file = workspace_.path("file");
    return read_secret(upstream_);
  }
  Workspace workspace_;
  UpstreamSettings upstream_;
};

TEST_F(SecretFile, ExactlyOneNewlineAtTheEndIsNotPartOfIt) {
  EXPECT_EQ(read("abc\n")->reveal(), "abc");
  EXPECT_EQ(read("abc\n\n")->reveal(), "abc\n");
  EXPECT_EQ(read("abc\r\n")->reveal(), "abc");
  EXPECT_EQ(read("abc")->reveal(), "abc");
}

TEST_F(SecretFile, EveryOtherByteIsKept) {
  const std::string bytes = " #: @!&*%\t\"'密码\n" + std::string(1024, 'x') + " \t ";

  EXPECT_EQ(read(bytes + "\n")->reveal(), bytes);
}

TEST_F(SecretFile, ModesThatLetOthersReadAreRefused) {
  EXPECT_TRUE(read("abc", 0640));
  EXPECT_TRUE(read("abc", 0400));
  EXPECT_EQ(read("abc", 0604).error().code, 78);
  EXPECT_EQ(read("abc", 0644).error().code, 78);
}

TEST_F(SecretFile, NulEmptyAndTooLongAreRefusedWithoutShowingAByte) {
  const auto nul = read(std::string("hunter2\0x", 9));
  ASSERT_FALSE(nul);
  EXPECT_EQ(nul.error().text.find("hunter2"), std::string::npos);
  EXPECT_FALSE(read(""));
  EXPECT_FALSE(read("\n"));
  EXPECT_FALSE(read(std::string(kSecretBytes + 1, 'x')));
  EXPECT_TRUE(read(std::string(kSecretBytes, 'x')));
}

TEST_F(SecretFile, APipeDoesNotBlockAndAMissingFileMayComeLater) {
  ASSERT_EQ(mkfifo(workspace_.path("pipe").c_str(), 0600), 0);
  upstream_.password_file = workspace_.path("pipe");
  EXPECT_EQ(read_secret(upstream_).error().code, 78);

  upstream_.password_file = workspace_.path("missing");
  EXPECT_EQ(read_secret(upstream_).error().code, 66);
}

UpstreamSettings with_password_command() {
  UpstreamSettings upstream;
  upstream.password_command = {"pass", "show"};
  return upstream;
}

UpstreamSettings with_token_command() {
  UpstreamSettings upstream;
  upstream.token_command = {"oauth"};
  upstream.auth = {"xoauth2"};
  return upstream;
}

TEST(SecretOutput, IsTheFirstLineWithoutItsEnd) {
  const auto of = [](const std::string& printed) {
    return secret_from_output(printed, with_password_command());
  };

  EXPECT_EQ(of("abc\n")->reveal(), "abc");
  EXPECT_EQ(of("abc")->reveal(), "abc");
  EXPECT_EQ(of("abc\r\n")->reveal(), "abc");
  EXPECT_EQ(of(" a b c \nuser: tim\nurl: x\n")->reveal(), " a b c ");
}

TEST(SecretOutput, NothingUsableIsRefusedWithoutShowingAByte) {
  for (const std::string& printed : {std::string(), std::string("\n"), std::string("\nhunter2\n"),
                                     std::string("hunter2\0x\n", 10), std::string(kSecretBytes + 1, 'h')}) {
    const auto secret = secret_from_output(printed, with_password_command());
    ASSERT_FALSE(secret);
    EXPECT_NE(secret.error().text.find("pass"), std::string::npos);
    EXPECT_EQ(secret.error().text.find("hunter2"), std::string::npos);
  }
}

TEST(SecretOutput, ATokenIsVisibleAscii) {
  EXPECT_EQ(secret_from_output("ya29.a0-_~+/=\n", with_token_command())->reveal(), "ya29.a0-_~+/=");
  EXPECT_FALSE(secret_from_output("error: not logged in\n", with_token_command()));
  EXPECT_FALSE(secret_from_output("a\1b\n", with_token_command()));
}

TEST(SecretCommand, ATokenIsUsedWhereAMechanismTakesIt) {
  UpstreamSettings upstream;
  EXPECT_TRUE(secret_command(upstream).empty());
  upstream.password_command = {"pass"};
  upstream.token_command = {"oauth"};
  EXPECT_FALSE(uses_token(upstream));
  EXPECT_EQ(secret_command(upstream).front(), "pass");

  upstream.auth = {"login", "oauthbearer"};

  EXPECT_TRUE(uses_token(upstream));
  EXPECT_EQ(secret_command(upstream).front(), "oauth");
}

}  // namespace
}  // namespace mailchute
