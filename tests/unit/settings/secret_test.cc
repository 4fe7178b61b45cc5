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

TEST_F(SecretFile, CommandsAreNotRunInThisRelease) {
  upstream_.password_command = {"/bin/echo", "abc"};

  EXPECT_FALSE(read_secret(upstream_));
}

}  // namespace
}  // namespace mailchute
