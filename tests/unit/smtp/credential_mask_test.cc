#include "smtp/credential_mask.h"

#include <gtest/gtest.h>

#include <string>

#include "base/text.h"

namespace mailchute {
namespace {

std::string masked(std::string text, const std::string& secret = "correct-horse-battery") {
  CredentialMask("tim", Secret(secret)).apply(text);
  return text;
}

TEST(CredentialMask, MasksAToken) {
  const std::string line = base64_encode("user=tim\1auth=Bearer ya29.token\1\1");

  EXPECT_EQ(masked("501 bad AUTH XOAUTH2 " + line + " with ya29.token in it", "ya29.token"),
            "501 bad AUTH XOAUTH2 *** with *** in it");
}

TEST(CredentialMask, MasksWhatAServerQuotes) {
  const std::string plain = base64_encode(std::string("\0tim\0correct-horse", 18));

  EXPECT_EQ(masked("bad line 'AUTH PLAIN " + plain + "' or <" + base64_encode("correct-horse") +
                       ">, password correct-horse! no",
                   "correct-horse"),
            "bad line 'AUTH PLAIN ***' or <***>, password *** no");
}

TEST(CredentialMask, MasksTheFormThatNamesTheUserTwice) {
  EXPECT_EQ(masked("got " + base64_encode(std::string("tim\0tim\0correct-horse-battery", 29))), "got ***");
}

TEST(CredentialMask, MasksHexadecimalInBothCases) {
  EXPECT_EQ(masked("got 636f72726563742d686f7273652d62617474657279"), "got ***");
  EXPECT_EQ(masked("got 636F72726563742D686F7273652D62617474657279"), "got ***");
}

TEST(CredentialMask, MasksPieces) {
  const std::string base64 = base64_encode("correct-horse-battery");

  EXPECT_EQ(masked("unknown command " + base64.substr(0, 17)), "unknown command ***");
  EXPECT_EQ(masked("unknown command " + base64.substr(9)), "unknown command ***");
  EXPECT_EQ(masked("bad correct-ho\nrse-battery no"), "bad ***\n*** no");
  EXPECT_EQ(masked("a correct answer about a battery"), "a correct answer about a battery");
}

TEST(CredentialMask, EndsWhateverTheSecret) {
  EXPECT_EQ(masked("*** a **** b", "****"), "*** a *** b");
  EXPECT_EQ(masked("535 no", ""), "535 no");
}

TEST(CredentialMask, ASecretOfThreeLettersMakesNoReplyUnreadable) {
  EXPECT_EQ(masked("not now", "now"), "not now");
}

}  // namespace
}  // namespace mailchute
