#include "smtp/extensions.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace mailchute {
namespace {

using Words = std::vector<std::string>;

TEST(Extensions, ReadsWhatQqOffers) {
  const auto offered = parse_extensions(
      "newxmesmtplogicsvrszb20-0.qq.com\nPIPELINING\nSIZE 73400320\nSTARTTLS\nAUTH LOGIN PLAIN XOAUTH "
      "XOAUTH2\nAUTH=LOGIN\n"
      "MAILCOMPRESS\nSMTPUTF8\n8BITMIME");

  EXPECT_TRUE(offered.pipelining);
  EXPECT_TRUE(offered.eight_bit);
  EXPECT_TRUE(offered.smtputf8);
  EXPECT_TRUE(offered.starttls);
  EXPECT_FALSE(offered.dsn);
  EXPECT_FALSE(offered.chunking);
  EXPECT_EQ(offered.size, 73400320u);
  EXPECT_EQ(offered.mechanisms, (Words{"login", "plain", "xoauth", "xoauth2"}));
}

TEST(Extensions, AGreetingOffersNothing) {
  const auto offered = parse_extensions("PIPELINING");
  EXPECT_FALSE(offered.pipelining);
  EXPECT_FALSE(parse_extensions("").size);
}

TEST(Extensions, UnitesBothSpellingsOfAuth) {
  EXPECT_EQ(parse_extensions("x\nAUTH=PLAIN LOGIN").mechanisms, (Words{"plain", "login"}));
  EXPECT_EQ(parse_extensions("x\nAUTH CRAM-MD5\nauth=Login\nAUTH LOGIN plain").mechanisms,
            (Words{"cram-md5", "login", "plain"}));
}

TEST(Extensions, AuthWithoutAMechanismOffersNone) {
  EXPECT_TRUE(parse_extensions("x\nAUTH").mechanisms.empty());
  EXPECT_TRUE(parse_extensions("x\nAUTH  \nAUTH=").mechanisms.empty());
}

TEST(Extensions, OddMechanismNamesAreNoHindrance) {
  std::string line = "x\nAUTH";
  for (int i = 0; i < 64; ++i) line += " ODD" + std::to_string(i);
  line += "  a$b THIS-NAME-IS-LONGER-THAN-ANY-CAN-BE  PLAIN";

  const auto mechanisms = parse_extensions(line).mechanisms;

  EXPECT_EQ(mechanisms.size(), 65u);
  EXPECT_EQ(mechanisms.back(), "plain");
}

TEST(Extensions, KeywordsAreCaseBlindAndWhole) {
  EXPECT_TRUE(parse_extensions("x\npipelining").pipelining);
  EXPECT_FALSE(parse_extensions("x\nPIPELINING2").pipelining);
  EXPECT_FALSE(parse_extensions("x\nXXXXXXXA").starttls);
}

TEST(Extensions, SizeWithoutAUsableNumberIsOfferedWithoutABound) {
  EXPECT_EQ(parse_extensions("x\nSIZE").size, 0u);
  EXPECT_EQ(parse_extensions("x\nSIZE 0").size, 0u);
  EXPECT_EQ(parse_extensions("x\nSIZE lots").size, 0u);
  EXPECT_EQ(parse_extensions("x\nSIZE 99999999999999999999").size, 0u);
  EXPECT_FALSE(parse_extensions("x\nDSN").size);
}

}  // namespace
}  // namespace mailchute
