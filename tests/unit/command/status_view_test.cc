#include "command/status_view.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>

#include "base/ascii.h"
#include "command/upstream_view.h"

namespace mailchute {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

const WallTime kNow(std::chrono::sys_days(std::chrono::year(2026) / 3 / 1) + hours(12));

LiveUpstream upstream(const std::string& state, const std::string& reason = "") {
  return {.name = "qq",
          .provider = "qq",
          .state = state,
          .reason = reason,
          .until = std::nullopt,
          .last_success = kNow - hours(2),
          .connections = 1};
}

StatusReport report() {
  StatusReport made;
  made.now = kNow;
  made.version = "1.2.3";
  made.live = LiveStatus{.version = "1.2.3",
                         .uptime_seconds = 7'500,
                         .config_path = "/etc/mailchute/mailchute.yaml",
                         .config_loaded_at = kNow - minutes(5),
                         .admission = "open",
                         .connections = 3,
                         .upstreams = {}};
  made.queue = QueueSummary{};
  made.upstreams = {upstream("ok")};
  return made;
}

bool advises(const StatusReport& report, const std::string& command) {
  const auto advice = status_advice(report);
  return std::any_of(advice.begin(), advice.end(),
                     [&](const Advice& each) { return each.command == command; });
}

TEST(Status, AUserWhoHoldsTooMuchOfTheQueueIsNamed) {
  StatusReport made = report();
  made.live->spent_share = SpentShare{1000, 2U << 20};

  EXPECT_NE(
      status_screen(made, 80).find(
          "\none user   refused for now (452): user 1000 with 2.0M waiting, as much as is left for all\n"),
      std::string::npos);
  EXPECT_TRUE(advises(made, "queue list"));
}

TEST(Status, AnAlertThatIsOpenIsShownWithTheCommandToType) {
  StatusReport made = report();
  LiveAlert alert;
  alert.summary = "qq refuses the login";
  alert.next = "mailchute reload";
  made.live->alerts = {alert};

  EXPECT_NE(status_screen(made, 80).find("\nalert      qq refuses the login; next: mailchute reload\n"),
            std::string::npos);
}

TEST(Status, AnAlertIsInTheReadersLanguageAndWrapped) {
  StatusReport made = report();
  LiveAlert alert;
  alert.event = "login_refused";
  alert.upstream = "qq";
  alert.summary = "qq refuses the login";
  alert.next = "mailchute reload";
  made.live->alerts = {alert};

  EXPECT_NE(
      status_screen(made, 80, Language::Chinese).find("告警       qq 拒绝登录；下一步：mailchute reload\n"),
      std::string::npos);
  EXPECT_NE(status_screen(made, 30).find("alert      qq refuses the\n           login\n"
                                         "           next: mailchute reload\n"),
            std::string::npos)
      << status_screen(made, 30);
  made.live->alerts[0].event = "of_a_later_release";
  EXPECT_NE(status_screen(made, 80, Language::Chinese).find("qq refuses the login"), std::string::npos);
}

TEST(Status, AllIsWellOnOneScreen) {
  EXPECT_EQ(status_screen(report(), 80),
            "mailchute 1.2.3, up 2h 5m, 3 connections from apps\n"
            "config     /etc/mailchute/mailchute.yaml, read 5m ago\n"
            "queue      empty\n"
            "last hour  0 accepted, 0 delivered, 0 deferred, 0 failed\n"
            "\n"
            "UPSTREAM  PROVIDER  STATE  OPEN  LAST SUCCESS  NEXT TRY\n"
            "qq        qq        ok        1  2h ago\n");
  EXPECT_TRUE(status_advice(report()).empty());
}

TEST(Status, TheScreenIsInTheReadersLanguageAndItsColumnsStandBelowEachOther) {
  StatusReport made = report();
  made.upstreams = {upstream("ok"), upstream("cooling_down", "connect: connection refused")};
  made.upstreams[1].name = "office365";
  made.upstreams[1].until = kNow + minutes(3);
  made.live->admission = "queue_full";

  EXPECT_EQ(status_screen(made, 80, Language::Chinese),
            "mailchute 1.2.3，已运行 2 小时 5 分钟，3 个连接来自本机程序\n"
            "配置       /etc/mailchute/mailchute.yaml，5 分钟前读入\n"
            "新邮件     暂时拒收（452）：队列已达上限\n"
            "队列       空\n"
            "最近一小时 收下 0，送达 0，推迟 0，失败 0\n"
            "\n"
            "上游       服务商  状态    连接  上次成功  下次尝试\n"
            "qq         qq      正常       1  2 小时前\n"
            "office365  qq      冷却中     1  2 小时前  3 分钟后\n"
            "  connect: connection refused\n");
}

/// Nothing of it is left in English where a Chinese reader looks.
TEST(Status, EachAdviceIsInBothLanguages) {
  StatusReport made = report();
  made.upstreams = {upstream("paused"), upstream("down", "auth: 535 no"),
                    upstream("cooling_down", "connect: no")};
  made.queue = QueueSummary{.messages = 1,
                            .held = 1,
                            .uncertain = 1,
                            .oldest = kNow - hours(2),
                            .last_hour = {.accepted = 0, .delivered = 0, .deferred = 0, .failed = 1}};
  for (const char* admission : {"disk_reserve", "queue_full", "broken"}) {
    made.live->admission = admission;
    const auto advice = status_advice(made);
    EXPECT_EQ(advice.size(), 8U);
    for (const Advice& each : advice) {
      EXPECT_TRUE(is_ascii(each.why.english)) << each.why.english;
      EXPECT_FALSE(is_ascii(each.why.chinese)) << each.why.english;
    }
  }
}

TEST(Status, TheQueueIsCounted) {
  StatusReport made = report();
  made.queue = QueueSummary{.messages = 2,
                            .recipients = 4,
                            .queued = 1,
                            .held = 1,
                            .sending = 1,
                            .uncertain = 1,
                            .oldest = kNow - minutes(200),
                            .bytes = 1'500,
                            .last_hour = {.accepted = 9, .delivered = 8, .deferred = 7, .failed = 6}};

  const std::string screen = status_screen(made, 80);

  EXPECT_NE(screen.find("queue      2 messages to 4 recipients, 1.4K, oldest 3h 20m\n"
                        "           1 queued, 1 sending, 1 held, 1 uncertain\n"
                        "last hour  9 accepted, 8 delivered, 7 deferred, 6 failed\n"),
            std::string::npos)
      << screen;
  for (const char* command : {"queue list --state held", "queue list --state uncertain",
                              "queue list --state failed", "queue list --older 1h"})
    EXPECT_TRUE(advises(made, command)) << command;
}

TEST(Status, EachTroubleOfAnUpstreamHasItsNextCommand) {
  StatusReport made = report();
  made.upstreams = {upstream("paused")};
  EXPECT_TRUE(advises(made, "upstream resume qq"));
  made.upstreams = {upstream("down", "auth: 535 Login fail.")};
  EXPECT_TRUE(advises(made, "explain qq"));
  made.upstreams = {upstream("cooling_down", "connect: connection refused")};
  EXPECT_TRUE(advises(made, "upstream resume qq"));
}

LiveUpstream in_trouble(const std::string& state, const std::string& trouble, const std::string& reason) {
  LiveUpstream made = upstream(state, reason);
  made.trouble = trouble;
  made.until = kNow + minutes(6);
  return made;
}

TEST(Status, WhereTryingHarderProlongsItNothingIsToBeTyped) {
  StatusReport made = report();
  made.upstreams = {in_trouble("cooling_down", "rate", "final_dot: 550 frequency limited")};

  const auto advice = status_advice(made);

  ASSERT_EQ(advice.size(), 1U);
  EXPECT_EQ(advice[0].command, "");
  EXPECT_EQ(advice[0].why.english.find("qq wants it slower; nothing to do, tried again "), 0U);
  EXPECT_FALSE(is_ascii(advice[0].why.chinese));
}

TEST(Status, ANearlyFullDiskIsNamedWithItsNumbers) {
  StatusReport made = report();
  made.live->admission = "disk_reserve";

  const auto advice = status_advice(made, {"/var/lib/mailchute", 200 << 20, 256 << 20});

  ASSERT_EQ(advice.size(), 1U);
  EXPECT_EQ(advice[0].why.english.find("/var/lib/mailchute has 200M free, and 256M of that are kept"), 0U)
      << advice[0].why.english;
}

TEST(Status, ACommandIsNeverBrokenOverLines) {
  const std::string command = "mailchute explain qq --config /home/somebody/mailchute/mailchute.yaml";

  const std::string lines =
      advice_lines("", said({"it refuses the login", "它拒绝登录"}), command, 2, 60, Language::English);

  EXPECT_EQ(lines, "it refuses the login\n  next: " + command + "\n");
}

TEST(UpstreamTable, AStateIsCalledByWhatItMeansToAPerson) {
  const auto word = [](const LiveUpstream& upstream) { return state_phrase(upstream).english; };
  EXPECT_EQ(word(in_trouble("down", "login", "auth: 535 Login fail")), "login refused");
  EXPECT_EQ(word(in_trouble("cooling_down", "connection", "auth: connection lost")), "unreachable");
  EXPECT_EQ(word(in_trouble("down", "connection", "connect: refused")), "unreachable");
  EXPECT_EQ(word(in_trouble("cooling_down", "rate", "mail: 450 slow")), "asked to slow down");
  EXPECT_EQ(word(in_trouble("cooling_down", "limit", "quota: 30/min")), "at its limit");
  EXPECT_EQ(word(in_trouble("down", "person", "auth: 550 locked")), "login refused");
  EXPECT_EQ(word(in_trouble("paused", "login", "auth: 535 no")), "paused");
}

TEST(Status, RefusedMailIsTold) {
  for (const char* admission : {"disk_reserve", "queue_full", "broken"}) {
    StatusReport made = report();
    made.live->admission = admission;
    EXPECT_NE(status_screen(made, 80).find("new mail   refused"), std::string::npos) << admission;
    EXPECT_FALSE(status_advice(made).empty()) << admission;
  }
}

TEST(Status, ADaemonThatIsDownIsSaidToBe) {
  StatusReport made = report();
  made.live.reset();
  EXPECT_EQ(status_screen(made, 80).find("mailchute 1.2.3, not running"), 0U);
}

TEST(UpstreamTable, AReasonHasALineOfItsOwnAndIsNeverCut) {
  LiveUpstream down = upstream("down", "auth: 535 " + std::string(100, 'x') + "\x1b");
  down.until = kNow + minutes(14);

  const std::string table = upstream_table({down}, kNow, 80);

  EXPECT_NE(table.find("2h ago        in 14m\n  auth: 535 xxx"), std::string::npos) << table;
  EXPECT_NE(table.find("xxx\\x1b\n"), std::string::npos) << table;
}

TEST(UpstreamTable, APauseEndsWhenSomebodyEndsIt) {
  LiveUpstream paused = upstream("paused", "connect: connection refused");
  paused.until = kNow + minutes(14);
  EXPECT_EQ(upstream_table({paused}, kNow, 80).find("14m"), std::string::npos);
}

Settings settings_with(std::initializer_list<const char*> names) {
  Settings settings;
  for (const char* name : names) {
    UpstreamSettings configured;
    configured.name = name;
    settings.upstreams.push_back(configured);
  }
  return settings;
}

UpstreamState saved(const std::string& name, const std::string& trouble, int failures) {
  UpstreamState state;
  state.name = name;
  state.trouble = trouble;
  state.failures = failures;
  state.cooling_until = kNow + minutes(1);
  state.stage = Stage::Connect;
  state.reply = {0, "", "connection refused"};
  return state;
}

TEST(SavedUpstreams, ComeInFileOrderAndForgetWhatIsNotConfigured) {
  const auto upstreams =
      saved_upstreams(settings_with({"z", "a"}), {saved("gone", "login", 1), saved("a", "login", 1)}, kNow);

  ASSERT_EQ(upstreams.size(), 2U);
  EXPECT_EQ(upstreams[0].name, "z");
  EXPECT_EQ(upstreams[0].state, "ok");
  EXPECT_EQ(upstreams[0].reason, "");
  EXPECT_EQ(upstreams[1].state, "down");
  EXPECT_EQ(upstreams[1].reason, "connect: connection refused");
  EXPECT_EQ(upstreams[1].until, kNow + minutes(1));
}

TEST(SavedUpstreams, HaveTheStatesOfTheRunningDaemon) {
  const auto state_of = [](const UpstreamState& state) {
    return saved_upstreams(settings_with({"a"}), {state}, kNow).front().state;
  };
  EXPECT_EQ(state_of(saved("a", "none", 0)), "ok");
  EXPECT_EQ(state_of(saved("a", "connection", 4)), "cooling_down");
  EXPECT_EQ(state_of(saved("a", "connection", 5)), "down");
  UpstreamState paused = saved("a", "none", 0);
  paused.paused = true;
  EXPECT_EQ(state_of(paused), "paused");
}

TEST(SavedUpstreams, AMomentThatHasPassedIsNotTold) {
  UpstreamState state = saved("a", "connection", 1);
  state.cooling_until = kNow - minutes(1);
  EXPECT_EQ(saved_upstreams(settings_with({"a"}), {state}, kNow).front().until, std::nullopt);
}

}  // namespace
}  // namespace mailchute
