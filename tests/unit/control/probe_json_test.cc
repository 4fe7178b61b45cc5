#include "control/probe_json.h"

#include <gtest/gtest.h>

#include "control/json_parts.h"

namespace mailchute {
namespace {

TEST(ProbeJson, TellsEachStepWithWhatItLearned) {
  UpstreamSettings upstream;
  upstream.name = "qq";
  upstream.provider = "qq";
  upstream.host = "smtp.qq.com";
  upstream.port = 465;
  ProbeStep resolve;
  resolve.addresses = {"192.0.2.1:465"};
  resolve.took = Duration{12};
  ProbeStep ehlo;
  ehlo.stage = Stage::Ehlo;
  ehlo.reply = {250, "", "mx.test\nSIZE"};
  ehlo.offered = Extensions{};
  ehlo.offered->mechanisms = {"login"};
  ProbeStep login;
  login.stage = Stage::Auth;
  login.outcome = ProbeStep::Outcome::Failed;
  login.reply = {535, "5.7.8", "no \xff"};
  login.verdict = Verdict{};
  login.verdict->rule = "login-refused";
  login.explanation = Explanation{"Refused.", "拒绝。"};
  const std::vector<ProbeStep> steps = {resolve, ehlo, login};

  const auto json = parse_object(encode_probe({upstream, steps, "", "next: x"}));

  ASSERT_TRUE(json);
  EXPECT_EQ((*json)["schema"], 1);
  EXPECT_EQ((*json)["good"], false);
  EXPECT_EQ((*json)["next"], "next: x");
  const Json& told = (*json)["steps"];
  EXPECT_EQ(told[0],
            Json::parse(R"({"stage":"resolve","good":true,"took_ms":12,"addresses":["192.0.2.1:465"]})"));
  EXPECT_EQ(told[1]["offers"]["size"], nullptr);
  EXPECT_EQ(told[1]["offers"]["auth"], Json::array({"login"}));
  EXPECT_EQ(told[2]["reply"]["text"], "no \\xff");
  EXPECT_EQ(told[2]["rule"], "login-refused");
  EXPECT_EQ(told[2]["explanation_zh"], "拒绝。");
}

TEST(ProbeJson, IsNotGoodWhenItCouldNotGoOn) {
  const UpstreamSettings upstream;
  const std::vector<ProbeStep> none;

  const auto json = parse_object(encode_probe({upstream, none, "cannot read /secret", ""}));

  EXPECT_EQ((*json)["good"], false);
  EXPECT_EQ((*json)["problem"], "cannot read /secret");
}

}  // namespace
}  // namespace mailchute
