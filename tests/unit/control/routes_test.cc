#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "control/http.h"
#include "control/json.h"
#include "control/login_json.h"
#include "fake/fake_operator.h"

namespace mailchute {
namespace {

class Routes : public testing::Test {
 protected:
  void request(const std::string& method, const std::string& path, const std::string& body = "") {
    route_request(operator_, {method, path, body},
                  [this](HttpAnswer answer) { answers_.push_back(std::move(answer)); });
  }

  /// The one answer there must be.
  HttpAnswer answer() {
    EXPECT_EQ(answers_.size(), 1U);
    if (answers_.empty()) return {};
    HttpAnswer last = std::move(answers_.back());
    answers_.clear();
    return last;
  }

  fake::FakeOperator operator_;
  std::vector<HttpAnswer> answers_;
};

TEST_F(Routes, StatusIsToldAtOnce) {
  request("GET", "/v1/status");

  const HttpAnswer told = answer();
  EXPECT_EQ(told.status, 200);
  const auto status = decode_live_status(told.body);
  ASSERT_TRUE(status);
  EXPECT_EQ(status->version, "1.2.3");
}

TEST_F(Routes, EachOperationReachesTheQueueWithItsSelectionAndIsAnsweredLater) {
  const std::pair<const char*, Operation> operations[] = {{"retry", Operation::Retry},
                                                          {"hold", Operation::Hold},
                                                          {"release", Operation::Release},
                                                          {"remove", Operation::Remove}};
  for (const auto& [name, operation] : operations) {
    request("POST", std::string("/v1/queue/") + name, R"({"from":"a@*"})");
    EXPECT_TRUE(answers_.empty());
    EXPECT_EQ(operator_.operation, operation);
    EXPECT_EQ(operator_.selection.from, "a@*");

    operator_.operated(std::size_t{3});

    const HttpAnswer told = answer();
    EXPECT_EQ(told.status, 200);
    EXPECT_EQ(decode_count(told.body).value_or(0), 3U);
  }
}

TEST_F(Routes, ARequestThatIsNotUnderstoodChangesNothing) {
  for (const char* body : {"", "{}", "nonsense", R"({"form":"a@*"})"}) {
    request("POST", "/v1/queue/remove", body);

    const HttpAnswer told = answer();
    EXPECT_EQ(told.status, 400) << body;
    EXPECT_FALSE(decode_error(told.body).empty());
    EXPECT_FALSE(operator_.operation.has_value());
  }
}

TEST_F(Routes, AnUpstreamIsToldOfAMessageThatIsToGoByIt) {
  request("POST", "/v1/upstreams/qq/expect", encode_message_id("<a@b.test>"));
  EXPECT_EQ(answer().status, 200);
  EXPECT_EQ(operator_.expected, "<a@b.test> by qq");

  request("POST", "/v1/upstreams/other/expect", encode_message_id("<a@b.test>"));
  EXPECT_EQ(answer().status, 404);

  operator_.expected.clear();
  for (const char* body : {"", "{}", R"({"message_id":7})", R"({"message_id":""})"}) {
    request("POST", "/v1/upstreams/qq/expect", body);
    EXPECT_EQ(answer().status, 400) << body;
    EXPECT_EQ(operator_.expected, "");
  }
}

TEST_F(Routes, ALoginIsAskedAboutBeforeItIsTriedAndToldOfAfterwards) {
  operator_.rest = {WallTime(std::chrono::seconds(60)), "auth: 535 no"};
  LoginTrial trial{"smtp.qq.com", "10001@qq.com", "mark", LoginTrial::Secret::InUse, {}};

  request("POST", "/v1/upstreams/qq/login-rest", encode_login_trial(trial));
  const HttpAnswer asked = answer();
  EXPECT_EQ(asked.status, 200);
  EXPECT_EQ(decode_login_rest(asked.body)->until, operator_.rest.until);

  trial.reply = {535, "", "no"};
  request("POST", "/v1/upstreams/qq/login-tried", encode_login_trial(trial));
  EXPECT_EQ(answer().status, 200);
  EXPECT_EQ(operator_.trial->reply.code, 535);
}

TEST_F(Routes, ALoginAtAnAccountThatNobodyHasIsNotNoted) {
  const std::string body = encode_login_trial({"h", "u", "", LoginTrial::Secret::Other, {}});
  for (const char* verb : {"login-rest", "login-tried"}) {
    request("POST", std::string("/v1/upstreams/other/") + verb, body);
    EXPECT_EQ(answer().status, 404);
    request("POST", std::string("/v1/upstreams/qq/") + verb, "{}");
    EXPECT_EQ(answer().status, 400);
  }
}

TEST_F(Routes, AFaultOfTheQueueHasAStatusOfItsOwn) {
  const std::pair<QueueFault::Kind, int> faults[] = {
      {QueueFault::Kind::NoSpace, 507}, {QueueFault::Kind::Broken, 503}, {QueueFault::Kind::NotFound, 404}};
  for (const auto& [kind, status] : faults) {
    request("POST", "/v1/queue/retry", R"({"all":true})");
    operator_.operated(tl::unexpected(QueueFault{kind, "disk \xff"}));

    const HttpAnswer told = answer();
    EXPECT_EQ(told.status, status);
    EXPECT_NE(decode_error(told.body).find("disk \\xff"), std::string::npos);
  }
}

TEST_F(Routes, AReloadTellsItsOutcome) {
  request("POST", "/v1/reload");
  operator_.reloaded({false, "a.yaml:3:1: error"});
  const HttpAnswer refused = answer();
  EXPECT_EQ(refused.status, 409);
  EXPECT_EQ(decode_reload(refused.body).value().text, "a.yaml:3:1: error");

  request("POST", "/v1/reload");
  operator_.reloaded({true, "nothing changed"});
  EXPECT_EQ(answer().status, 200);
}

TEST_F(Routes, UpstreamsArePausedAndResumedByName) {
  request("POST", "/v1/upstreams/qq/pause");
  EXPECT_EQ(answer().status, 200);
  EXPECT_EQ(operator_.paused, "qq");

  request("POST", "/v1/upstreams/qq/resume");
  EXPECT_EQ(answer().status, 200);
  EXPECT_EQ(operator_.resumed, "qq");
}

TEST_F(Routes, AnUpstreamOrAVerbThatIsNotThereIs404) {
  for (const char* path :
       {"/v1/upstreams/gmail/pause", "/v1/upstreams/gmail/resume", "/v1/upstreams/qq/explode",
        "/v1/upstreams/qq", "/v1/upstreams/", "/v1/upstreams//pause"}) {
    request("POST", path);
    EXPECT_EQ(answer().status, 404) << path;
  }
}

TEST_F(Routes, UnknownPathsAre404AndWrongMethods405) {
  for (const char* path : {"/", "", "/v1", "/v1/status/", "/v1/queue/explode", "/v1/upstreams"}) {
    request("GET", path);
    EXPECT_EQ(answer().status, 404) << path;
  }
  request("POST", "/v1/status");
  EXPECT_EQ(answer().status, 405);
  request("GET", "/v1/queue/remove");
  EXPECT_EQ(answer().status, 405);
  request("DELETE", "/v1/upstreams/qq/pause");
  EXPECT_EQ(answer().status, 405);
}

TEST_F(Routes, NoTwoRoutesAreTheSame) {
  const auto& routes = control_routes();
  for (auto a = routes.begin(); a != routes.end(); ++a)
    for (auto b = std::next(a); b != routes.end(); ++b)
      EXPECT_FALSE(a->method == b->method && a->path == b->path) << a->method << " " << a->path;
}

}  // namespace
}  // namespace mailchute
