#include "net/fingerprint.h"

#include <gtest/gtest.h>

namespace mailchute {
namespace {

Secret secret(const char* text) { return Secret(std::string(text)); }

TEST(Fingerprint, SecretsAreTheSameWhenEveryByteIs) {
  EXPECT_TRUE(same_secret(secret("open sesame"), secret("open sesame")));
  EXPECT_FALSE(same_secret(secret("open sesame"), secret("open sesamE")));
  EXPECT_FALSE(same_secret(secret("open sesame"), secret("open sesame ")));
  EXPECT_FALSE(same_secret(secret("open sesame"), secret("")));
}

TEST(Fingerprint, AMarkTellsSecretsAndSaltsApart) {
  const std::string mark = secret_fingerprint(secret("open sesame"), "qq");

  EXPECT_EQ(mark.size(), 16u);
  EXPECT_EQ(secret_fingerprint(secret("open sesame"), "qq"), mark);
  EXPECT_NE(secret_fingerprint(secret("open sesame"), "ses"), mark);
  EXPECT_NE(secret_fingerprint(secret("open"), "qq"), mark);
  EXPECT_EQ(secret_fingerprint(secret(""), "qq"), "");
}

}  // namespace
}  // namespace mailchute
