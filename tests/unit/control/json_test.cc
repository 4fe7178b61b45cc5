#include "control/json.h"

#include <gtest/gtest.h>

#include <chrono>

#include "base/text.h"

namespace mailchute {
namespace {

const WallTime kNow(std::chrono::sys_days(std::chrono::year(2026) / 3 / 1) + std::chrono::hours(12));
constexpr char kNowText[] = "2026-03-01T12:00:00Z";

Selection full_selection() {
  return {.ids = {MessageId{1}, MessageId{1'000'000}},
          .from = "*@s.test",
          .to = "b@*",
          .upstream = "qq",
          .state = "held",
          .code = 550,
          .received_before = kNow,
          .received_after = kNow - std::chrono::hours(24)};
}

TEST(Json, ASelectionComesBackAsItWas) {
  const Selection meant = full_selection();

  const auto read = decode_selection(encode_selection(meant));

  ASSERT_TRUE(read) << read.error().text;
  EXPECT_EQ(read->ids, meant.ids);
  EXPECT_EQ(read->from, meant.from);
  EXPECT_EQ(read->to, meant.to);
  EXPECT_EQ(read->upstream, meant.upstream);
  EXPECT_EQ(read->state, meant.state);
  EXPECT_EQ(read->code, meant.code);
  EXPECT_EQ(read->received_before, meant.received_before);
  EXPECT_EQ(read->received_after, meant.received_after);
}

TEST(Json, EveryMessageMustBeAskedForInSoManyWords) {
  EXPECT_EQ(encode_selection({}), R"({"schema":1,"all":true})");
  EXPECT_TRUE(decode_selection(R"({"all":true})"));
  EXPECT_FALSE(decode_selection("{}"));
  EXPECT_FALSE(decode_selection(R"({"schema":1})"));
  EXPECT_FALSE(decode_selection(R"({"all":false})"));
}

TEST(Json, AFilterThatIsNotUnderstoodIsRefusedAndNeverLeftOut) {
  for (const char* body :
       {R"({"form":"a@*"})", R"({"from":""})", R"({"from":7,"all":true})", R"({"ids":[]})",
        R"({"ids":"06AB"})", R"({"ids":["06AB"]})", R"({"ids":[7]})", R"({"state":"lost"})",
        R"({"code":"550"})", R"({"code":-1})", R"({"code":1e9})", R"({"received_before":"yesterday"})",
        R"({"received_before":"2026-02-30T00:00:00Z"})", R"({"all":1})"}) {
    const auto read = decode_selection(body);
    ASSERT_FALSE(read) << body;
    EXPECT_EQ(read.error().code, 64) << body;
    EXPECT_FALSE(read.error().text.empty());
  }
}

TEST(Json, WhatIsNoObjectIsRefused) {
  for (const char* body : {"", "[]", "null", "{", "all", "{\"all\":true}x", "\xff", "{\"all\":1e999}"})
    EXPECT_FALSE(decode_selection(body)) << body;
  EXPECT_FALSE(decode_selection(std::string(20'000, '[')));
  EXPECT_FALSE(decode_selection("{\"from\":" + std::string(20'000, '[')));
}

LiveStatus live_status() {
  LiveUpstream upstream{.name = "qq",
                        .provider = "qq",
                        .state = "down",
                        .reason = "auth: 535 Login fail.",
                        .until = kNow,
                        .last_success = std::nullopt,
                        .connections = 2};
  LiveAlert alert{.event = "login_refused",
                  .severity = "error",
                  .upstream = "qq",
                  .since = kNow,
                  .summary = "qq refuses the login",
                  .detail = "auth: 535 \"no\"",
                  .next = "mailchute reload",
                  .count = 2};
  return {.version = "1.2.3",
          .uptime_seconds = 77,
          .config_path = "/etc/mailchute/mailchute.yaml",
          .config_loaded_at = kNow,
          .admission = "open",
          .connections = 3,
          .upstreams = {upstream},
          .alerts = {alert}};
}

TEST(Json, WhoHoldsTooMuchOfTheQueueComesBackAsItWas) {
  LiveStatus status = live_status();
  EXPECT_FALSE(decode_live_status(encode_live_status(status))->spent_share);

  for (const std::optional<std::uint32_t> uid : {std::optional<std::uint32_t>(1000), {}}) {
    status.spent_share = SpentShare{uid, 12'345};
    const auto read = decode_live_status(encode_live_status(status));
    ASSERT_TRUE(read && read->spent_share);
    EXPECT_EQ(read->spent_share->uid, uid);
    EXPECT_EQ(read->spent_share->bytes, 12'345u);
  }
}

TEST(Json, TheLiveStatusComesBackAsItWas) {
  const auto read = decode_live_status(encode_live_status(live_status()));

  ASSERT_TRUE(read) << read.error().text;
  EXPECT_EQ(read->version, "1.2.3");
  EXPECT_EQ(read->uptime_seconds, 77);
  EXPECT_EQ(read->config_path, "/etc/mailchute/mailchute.yaml");
  EXPECT_EQ(read->config_loaded_at, kNow);
  EXPECT_EQ(read->admission, "open");
  EXPECT_EQ(read->connections, 3U);
  ASSERT_EQ(read->upstreams.size(), 1U);
  EXPECT_EQ(read->upstreams[0].state, "down");
  EXPECT_EQ(read->upstreams[0].reason, "auth: 535 Login fail.");
  EXPECT_EQ(read->upstreams[0].until, kNow);
  EXPECT_EQ(read->upstreams[0].last_success, std::nullopt);
  EXPECT_EQ(read->upstreams[0].connections, 2U);
  ASSERT_EQ(read->alerts.size(), 1U);
  EXPECT_EQ(read->alerts[0].event, "login_refused");
  EXPECT_EQ(read->alerts[0].severity, "error");
  EXPECT_EQ(read->alerts[0].upstream, "qq");
  EXPECT_EQ(read->alerts[0].since, kNow);
  EXPECT_EQ(read->alerts[0].summary, "qq refuses the login");
  EXPECT_EQ(read->alerts[0].detail, "auth: 535 \"no\"");
  EXPECT_EQ(read->alerts[0].next, "mailchute reload");
  EXPECT_EQ(read->alerts[0].count, 2U);
}

TEST(Json, AnAnswerThatMakesNoSenseIsAnError) {
  EXPECT_FALSE(decode_live_status("{}"));
  EXPECT_FALSE(decode_live_status(R"({"config":{},"upstreams":7})"));
  EXPECT_FALSE(decode_count(R"({"messages":-1})"));
  EXPECT_FALSE(decode_count(R"({"messages":"1"})"));
  EXPECT_FALSE(decode_reload(R"({"accepted":"yes"})"));
  EXPECT_EQ(decode_count("<html>").error().code, 74);
}

TEST(Json, CountsReloadsAndErrorsComeBack) {
  EXPECT_EQ(decode_count(encode_count(12)).value_or(0), 12U);
  const auto outcome = decode_reload(encode_reload({true, "upstream qq: new\n"}));
  ASSERT_TRUE(outcome);
  EXPECT_TRUE(outcome->accepted);
  EXPECT_EQ(outcome->text, "upstream qq: new\n");
  EXPECT_EQ(decode_error(encode_error("no room")), "no room");
  EXPECT_EQ(decode_error("garbage"), "");
}

SeenMessage seen_message() {
  SeenMessage message;
  message.id = MessageId{1};
  message.sender = "a@s.test";
  message.state = "queued";
  message.bytes = 321;
  message.received = kNow;
  message.expires = kNow + std::chrono::hours(120);
  message.source = {.kind = "smtp",
                    .uid = 1000,
                    .pid = std::nullopt,
                    .command = "php",
                    .address = "127.0.0.1:5",
                    .helo = "x"};
  message.summary = {.message_id = "<m1@s.test>", .subject = "first", .from = "a@s.test", .automatic = false};
  message.recipients = {{.row = 0,
                         .address = "b@r.test",
                         .state = "queued",
                         .attempts = 1,
                         .next_attempt = kNow,
                         .route = "qq",
                         .upstream = "qq",
                         .last_reply = SeenReply{Stage::FinalDot, {451, "4.3.0", "not now"}}},
                        {.row = 1,
                         .address = "c@r.test",
                         .state = "delivered",
                         .attempts = 1,
                         .next_attempt = std::nullopt,
                         .route = "qq",
                         .upstream = "qq",
                         .last_reply = std::nullopt}};
  return message;
}

TEST(Json, WhoCannotTakeAMessageIsNamedWhereThereIsOne) {
  SeenMessage seen = seen_message();
  EXPECT_EQ(encode_message(seen).find("cannot_take"), std::string::npos);

  seen.recipients[0].route = "!qq,!office,ses";

  EXPECT_NE(encode_message(seen).find(R"("cannot_take":["qq","office"])"), std::string::npos);
}

TEST(Json, AMessageHasTheMembersOfTheManual) {
  EXPECT_EQ(
      encode_message(seen_message()),
      R"({"id":"000000000001","received_at":"2026-03-01T12:00:00Z","sender":"a@s.test","size":321,)"
      R"("source":{"kind":"smtp","uid":1000,"pid":null,"command":"php","address":"127.0.0.1:5","login":""},)"
      R"("message_id":"<m1@s.test>","subject":"first","state":"queued","recipients":[)"
      R"({"address":"b@r.test","state":"queued","attempts":1,"next_attempt_at":"2026-03-01T12:00:00Z","upstream":"qq",)"
      R"("last_reply":{"code":451,"enhanced":"4.3.0","text":"not now","stage":"final_dot"}},)"
      R"({"address":"c@r.test","state":"delivered","attempts":1,"next_attempt_at":null,"upstream":"qq","last_reply":null}]})");
  EXPECT_EQ(encode_message_line(seen_message()).substr(0, 12), R"({"schema":1,)");
}

TEST(Json, BytesOfPeersNeverBreakItNorReachTheTerminal) {
  SeenMessage message = seen_message();
  message.summary.subject = "caf\xe9 \x1b[31m \xe4\xb8\xad \xe2\x80\xae back\\slash";
  message.recipients[0].last_reply->reply.text = "\xe4\xb8\xad\x9b \n";

  const std::string text = encode_message(message);

  for (const char c : text) EXPECT_TRUE(c >= 0x20 && c < 0x7f) << text;
  EXPECT_NE(text.find(R"(caf\\xe9)"), std::string::npos) << text;
  message.summary.subject = "\xe4\xb8\xad\xe6\x96\x87 \\";
  EXPECT_NE(encode_message(message).find(R"("subject":"\u4e2d\u6587 \\")"), std::string::npos);
}

TEST(Json, AReportOfOneMessageNamesTheRecipientOfEachAttempt) {
  SeenAttempt one{.record = {.upstream = "qq",
                             .started = kNow,
                             .duration = Duration(1'400),
                             .stage = Stage::RcptTo,
                             .reply = {550, "5.1.1", "who"},
                             .in_doubt = false,
                             .tls = "TLSv1.3 X",
                             .peer = "192.0.2.1:465"},
                  .row = 1};
  SeenAttempt all = one;
  all.row.reset();

  const std::string text = encode_message_report({seen_message(), {one, all}, "Subject: first\r\n"});

  EXPECT_NE(
      text.find(R"("attempts":[{"started_at":")" + std::string(kNowText) +
                R"(","duration_ms":1400,"upstream":"qq",)"
                R"("recipient":"c@r.test","peer":"192.0.2.1:465","tls":"TLSv1.3 X","reply":{"code":550,)"),
      std::string::npos)
      << text;
  EXPECT_NE(text.find(R"("recipient":null)"), std::string::npos);
  EXPECT_NE(text.find(R"("header":"Subject: first\r\n")"), std::string::npos);
}

TEST(Json, StatusHasTheMembersOfTheManual) {
  StatusReport report;
  report.live = live_status();
  report.version = "9";
  report.now = kNow;
  report.upstreams = report.live->upstreams;
  report.queue = QueueSummary{.messages = 2,
                              .recipients = 3,
                              .queued = 1,
                              .held = 1,
                              .sending = 1,
                              .uncertain = 0,
                              .oldest = kNow - std::chrono::minutes(2),
                              .bytes = 500,
                              .last_hour = {.accepted = 4, .delivered = 3, .deferred = 2, .failed = 1}};

  EXPECT_EQ(
      encode_status(report),
      R"({"schema":1,"version":"1.2.3","uptime_s":77,"config":{"path":"/etc/mailchute/mailchute.yaml",)"
      R"("loaded_at":"2026-03-01T12:00:00Z"},"queue":{"messages":2,"recipients":3,"queued":1,"held":1,"sending":1,)"
      R"("uncertain":0,"oldest_age_s":120,"bytes":500},"upstreams":[{"name":"qq","provider":"qq","state":"down",)"
      R"("reason":"auth: 535 Login fail.","until":"2026-03-01T12:00:00Z","last_success_at":null,"connections":2,"trouble":"none"}],)"
      R"("last_hour":{"accepted":4,"delivered":3,"deferred":2,"failed":1},)"
      R"("admission":"open",)"
      R"("alerts":[{"event":"login_refused","severity":"error","upstream":"qq","since":"2026-03-01T12:00:00Z",)"
      R"("summary":"qq refuses the login","detail":"auth: 535 \"no\"","next":"mailchute reload","count":2}],"spent_share":null})");
}

TEST(Json, StatusOfADaemonThatIsDownHasNullsAndNoGuesses) {
  StatusReport report;
  report.version = "9";
  report.config_path = "/c.yaml";

  EXPECT_EQ(
      encode_status(report),
      R"({"schema":1,"version":"9","uptime_s":null,"config":{"path":"/c.yaml","loaded_at":null},"queue":null,)"
      R"("upstreams":[],"last_hour":null,"admission":null,"alerts":[],"spent_share":null})");
}

}  // namespace
}  // namespace mailchute
