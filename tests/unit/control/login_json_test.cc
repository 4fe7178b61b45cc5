#include "control/login_json.h"

#include <gtest/gtest.h>

namespace mailchute {
namespace {

LoginTrial trial() {
  LoginTrial trial;
  trial.host = "smtp.qq.com";
  trial.user = "10001@qq.com";
  trial.secret_fingerprint = "0123456789abcdef";
  trial.reply = {535, "5.7.8", "no \xB5\xC7\xC2\xBC\nat all"};
  return trial;
}

TEST(LoginJson, ATrialComesBackWithTheBytesOfItsReply) {
  const auto back = decode_login_trial(encode_login_trial(trial()));

  ASSERT_TRUE(back);
  EXPECT_EQ(back->host, "smtp.qq.com");
  EXPECT_EQ(back->user, "10001@qq.com");
  EXPECT_EQ(back->secret_fingerprint, "0123456789abcdef");
  EXPECT_EQ(back->secret, LoginTrial::Secret::InUse);
  EXPECT_EQ(back->reply.code, 535);
  EXPECT_EQ(back->reply.enhanced, "5.7.8");
  EXPECT_EQ(back->reply.text, "no \xB5\xC7\xC2\xBC\nat all");
}

TEST(LoginJson, ASecretThatIsNotSaidToBeInUseIsAnother) {
  LoginTrial other = trial();
  other.secret = LoginTrial::Secret::Other;
  EXPECT_EQ(decode_login_trial(encode_login_trial(other))->secret, LoginTrial::Secret::Other);
  EXPECT_EQ(decode_login_trial(R"({"host":"h","user":"u"})")->secret, LoginTrial::Secret::Other);
}

TEST(LoginJson, ATrialWithoutAnAccountIsRefused) {
  for (const char* body : {"", "[]", "{}", R"({"host":"h"})", R"({"user":"u"})", R"({"host":1,"user":2})"})
    EXPECT_EQ(decode_login_trial(body).error().code, 64) << body;
}

TEST(LoginJson, ARestComesBackToTheSecond) {
  const WallTime until = WallTime(std::chrono::sys_days(std::chrono::year(2026) / 3 / 1));

  const auto back = decode_login_rest(encode_login_rest({until, "auth: 535 no"}));
  EXPECT_EQ(back->until, until);
  EXPECT_EQ(back->reason, "auth: 535 no");
  EXPECT_FALSE(decode_login_rest(encode_login_rest({}))->until);
  EXPECT_EQ(decode_login_rest("nonsense").error().code, 74);
}

}  // namespace
}  // namespace mailchute
