#include "smtp/sasl.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/text.h"

namespace mailchute {
namespace {

std::vector<std::string> all_lines(SaslLogin login) {
  std::vector<std::string> lines;
  while (const auto line = login.next_line()) lines.emplace_back(line->reveal());
  return lines;
}

TEST(Sasl, PlainSaysEverythingAtOnce) {
  auto login = SaslLogin::begin("plain", "tim", Secret("tanstaaftanstaaf"));

  ASSERT_TRUE(login);
  EXPECT_EQ(all_lines(std::move(*login)),
            (std::vector<std::string>{"AUTH PLAIN AHRpbQB0YW5zdGFhZnRhbnN0YWFm"}));
}

TEST(Sasl, LoginTakesTwoSteps) {
  auto login = SaslLogin::begin("login", "tim", Secret("secret"));

  ASSERT_TRUE(login);
  EXPECT_EQ(all_lines(std::move(*login)), (std::vector<std::string>{"AUTH LOGIN", "dGlt", "c2VjcmV0"}));
}

TEST(Sasl, CountsWhatWasSaid) {
  auto login = SaslLogin::begin("login", "tim", Secret("secret"));
  ASSERT_TRUE(login);
  EXPECT_EQ(login->said(), 0u);

  login->next_line();
  login->next_line();

  EXPECT_EQ(login->said(), 2u);
}

TEST(Sasl, OtherMechanismsAreNotSupported) {
  for (const char* name : {"cram-md5", "xoauth", "ntlm", "external", ""}) {
    EXPECT_FALSE(SaslLogin::supports(name));
    EXPECT_FALSE(SaslLogin::begin(name, "tim", Secret("secret")));
  }
}

TEST(Sasl, ANulCannotBePresented) {
  EXPECT_FALSE(SaslLogin::begin("plain", std::string("t\0m", 3), Secret("secret")));
  EXPECT_FALSE(SaslLogin::begin("login", "tim", Secret(std::string("s\0x", 3))));
}

TEST(Sasl, Xoauth2SaysEverythingAtOnceAndAnEmptyLineWhenItIsRefused) {
  auto login = SaslLogin::begin("xoauth2", "tim@x.test", Secret("ya29.token"));

  ASSERT_TRUE(login);
  EXPECT_EQ(all_lines(std::move(*login)),
            (std::vector<std::string>{
                "AUTH XOAUTH2 " + base64_encode("user=tim@x.test\1auth=Bearer ya29.token\1\1"), ""}));
}

TEST(Sasl, OauthbearerNamesTheUserInAHeader) {
  auto login = SaslLogin::begin("oauthbearer", "t,i=m@x.test", Secret("ya29.token"));

  ASSERT_TRUE(login);
  EXPECT_EQ(
      all_lines(std::move(*login)),
      (std::vector<std::string>{
          "AUTH OAUTHBEARER " + base64_encode("n,a=t=2Ci=3Dm@x.test,\1auth=Bearer ya29.token\1\1"), "AQ=="}));
}

TEST(Sasl, ATokenCannotEndItsOwnField) {
  for (const char* mechanism : {"xoauth2", "oauthbearer"}) {
    EXPECT_FALSE(SaslLogin::begin(mechanism, "tim", Secret("a\1b")));
    EXPECT_FALSE(SaslLogin::begin(mechanism, "t\1m", Secret("ab")));
    EXPECT_FALSE(SaslLogin::begin(mechanism, "tim", Secret(std::string("a\0b", 3))));
  }
}

}  // namespace
}  // namespace mailchute
