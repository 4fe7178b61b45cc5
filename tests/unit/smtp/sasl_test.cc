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

TEST(Sasl, MasksAToken) {
  const std::string line = base64_encode("user=tim\1auth=Bearer ya29.token\1\1");
  std::string text = "501 bad AUTH XOAUTH2 " + line + " with ya29.token in it";

  mask_credential(text, "tim", Secret("ya29.token"));

  EXPECT_EQ(text, "501 bad AUTH XOAUTH2 *** with *** in it");
}

TEST(Sasl, MasksWhatAServerQuotes) {
  const Secret password("correct-horse");
  const std::string plain = base64_encode(std::string("\0tim\0correct-horse", 18));
  std::string text = "bad line 'AUTH PLAIN " + plain + "' or <" + base64_encode("correct-horse") +
                     ">, password correct-horse! no";

  mask_credential(text, "tim", password);

  EXPECT_EQ(text, "bad line 'AUTH PLAIN ***' or <***>, password *** no");
}

TEST(Sasl, MasksAQuoteThatWasCutShort) {
  std::string text = "unknown command " + base64_encode("correct-horse-battery").substr(0, 17);
  mask_credential(text, "tim", Secret("correct-horse-battery"));
  EXPECT_EQ(text, "unknown command ***");
}

TEST(Sasl, MaskingEndsWhateverThePassword) {
  std::string text = "*** a * b";
  mask_credential(text, "tim", Secret("*"));
  EXPECT_EQ(text.find("b"), text.size() - 1);

  std::string untouched = "535 no";
  mask_credential(untouched, "tim", Secret());
  EXPECT_EQ(untouched, "535 no");
}

}  // namespace
}  // namespace mailchute
