#include "alert/alert_watch.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "alert/alert_explanation.h"
#include "base/text.h"

namespace mailchute {
namespace {

using namespace std::chrono_literals;
using Trouble = AlertWatch::Trouble;

class Watch : public testing::Test {
 protected:
  void pass(Duration by) {
    now_.steady += by;
    now_.wall += by;
  }

  /// What is told now: `login_refused qq` or, when it is over, `login_refused qq over`.
  std::vector<std::string> told() {
    std::vector<std::string> words;
    for (const AlertNews& alert : watch_.due(now_)) {
      last_ = alert;
      const bool over = alert.state == AlertNews::State::Over;
      words.push_back(std::string(event_name(alert.event)) +
                      (alert.upstream.empty() ? "" : " " + alert.upstream) + (over ? " over" : ""));
    }
    return words;
  }

  using Words = std::vector<std::string>;
  AlertTime now_{WallTime(std::chrono::sys_days(std::chrono::March / 1 / 2026)), SteadyTime(1000h)};
  AlertWatch watch_{AlertRules{}};
  AlertNews last_;
};

TEST_F(Watch, ARefusedLoginIsToldOnceAndItsEndOnce) {
  watch_.trouble("qq", Trouble::Login, "auth: 535 no", now_);
  EXPECT_EQ(told(), Words{"login_refused qq"});
  EXPECT_EQ(last_.detail, "auth: 535 no");
  EXPECT_EQ(last_.severity, Severity::Error);
  EXPECT_EQ(last_.next, "mailchute explain qq");

  pass(15min);
  watch_.trouble("qq", Trouble::Login, "auth: 535 no", now_);
  EXPECT_EQ(told(), Words{});
  EXPECT_EQ(watch_.open().size(), 1U);

  pass(1min);
  watch_.ready("qq", now_);
  EXPECT_EQ(told(), Words{"login_refused qq over"});
  EXPECT_EQ(last_.severity, Severity::Notice);
  EXPECT_EQ(told(), Words{});
  EXPECT_TRUE(watch_.quiet());
}

TEST_F(Watch, AThirdRefusalIsTheFirstThatIsToldWhereThreeAreWanted) {
  watch_.reconfigure({1h, 3}, {"qq"});
  for (int i = 0; i < 2; ++i) watch_.trouble("qq", Trouble::Login, "no", now_);
  EXPECT_EQ(told(), Words{});

  watch_.trouble("qq", Trouble::Login, "no", now_);

  EXPECT_EQ(told(), Words{"login_refused qq"});
  EXPECT_EQ(last_.count, 3U);
  EXPECT_EQ(last_.summary, "qq refuses the login, 3 times in a row");
}

TEST_F(Watch, ASuccessBetweenRefusalsStartsTheCountAnew) {
  watch_.reconfigure({1h, 2}, {"qq"});
  watch_.trouble("qq", Trouble::Login, "no", now_);
  watch_.ready("qq", now_);
  EXPECT_EQ(told(), Words{});
  watch_.trouble("qq", Trouble::Login, "no", now_);

  EXPECT_EQ(told(), Words{});
}

TEST_F(Watch, ZeroMeansNever) {
  watch_.reconfigure({0ms, 0}, {"qq"});
  for (int i = 0; i < 100; ++i) watch_.trouble("qq", Trouble::Login, "no", now_);
  watch_.look({AlertFacts::Room::Enough, now_.wall - 100h, {}}, now_);

  EXPECT_EQ(told(), Words{});
}

TEST_F(Watch, WhatLastsIsToldAgainEachDay) {
  watch_.trouble("qq", Trouble::Login, "no", now_);
  EXPECT_EQ(told(), Words{"login_refused qq"});

  int told_again = 0;
  for (int minute = 0; minute < 3 * 24 * 60; ++minute) {
    pass(1min);
    told_again += static_cast<int>(told().size());
  }

  EXPECT_EQ(told_again, 3);
}

TEST_F(Watch, AnUpstreamIsDownAfterAQuarterOfAnHour) {
  watch_.trouble("qq", Trouble::Connection, "connect: refused", now_);
  pass(14min);
  watch_.trouble("qq", Trouble::Connection, "connect: refused", now_);
  EXPECT_EQ(told(), Words{});
  pass(1min);
  EXPECT_EQ(told(), Words{"upstream_down qq"});

  watch_.ready("qq", now_);

  EXPECT_EQ(told(), Words{"upstream_down qq over"});
}

TEST_F(Watch, ABadMinuteIsNotToldAndNeitherIsItsEnd) {
  watch_.trouble("qq", Trouble::Connection, "connect: refused", now_);
  pass(5min);
  watch_.ready("qq", now_);

  EXPECT_EQ(told(), Words{});
  EXPECT_TRUE(watch_.quiet());
}

TEST_F(Watch, ARefusedLoginProvesThatTheProviderCanBeReached) {
  watch_.trouble("qq", Trouble::Connection, "connect: refused", now_);
  pass(20min);
  EXPECT_EQ(told(), Words{"upstream_down qq"});

  watch_.trouble("qq", Trouble::Login, "auth: 535 no", now_);

  EXPECT_EQ(told(), (Words{"login_refused qq", "upstream_down qq over"}));
}

TEST_F(Watch, AnUnreachableProviderProvesNothingAboutTheLogin) {
  watch_.trouble("qq", Trouble::Login, "auth: 535 no", now_);
  EXPECT_EQ(told(), Words{"login_refused qq"});

  watch_.trouble("qq", Trouble::Connection, "connect: refused", now_);
  pass(1h);

  EXPECT_EQ(told(), Words{"upstream_down qq"});
  EXPECT_EQ(watch_.open().size(), 2U);
}

TEST_F(Watch, UpstreamsAreToldApart) {
  watch_.trouble("qq", Trouble::Login, "no", now_);
  watch_.trouble("office", Trouble::Certificate, "tls: expired", now_);
  EXPECT_EQ(told(), (Words{"login_refused qq", "certificate office"}));

  watch_.ready("office", now_);

  EXPECT_EQ(told(), Words{"certificate office over"});
}

TEST_F(Watch, MailThatWaitsTooLongIsToldOnce) {
  const WallTime received = now_.wall;
  AlertFacts facts;
  facts.oldest = received;
  pass(59min);
  watch_.look(facts, now_);
  EXPECT_EQ(told(), Words{});

  pass(1min);
  watch_.look(facts, now_);
  EXPECT_EQ(told(), Words{"oldest_message"});
  EXPECT_EQ(last_.since, received);
  facts.oldest = received + 1min;
  pass(2min);
  watch_.look(facts, now_);
  EXPECT_EQ(told(), Words{});

  watch_.look({}, now_);

  EXPECT_EQ(told(), Words{"oldest_message over"});
}

TEST_F(Watch, ADiskThatHoversAtItsReserveIsToldOnce) {
  AlertFacts full;
  full.room = AlertFacts::Room::DiskReserve;
  int told_count = 0;
  for (int i = 0; i < 40; ++i) {
    watch_.look(i % 2 == 0 ? full : AlertFacts{}, now_);
    told_count += static_cast<int>(told().size());
    pass(30s);
  }
  EXPECT_EQ(told_count, 1);

  watch_.look({}, now_);
  pass(5min);

  EXPECT_EQ(told(), Words{"disk_reserve over"});
}

TEST_F(Watch, MailHeldBackByAQuotaIsToldAfterAQuarterOfAnHourUntilSomeGoes) {
  AlertFacts held;
  held.held = {"qq"};
  watch_.look(held, now_);
  pass(15min);
  EXPECT_EQ(told(), Words{"quota_held qq"});

  watch_.delivered("qq", now_);

  EXPECT_EQ(told(), Words{"quota_held qq over"});
}

TEST_F(Watch, AConnectionThatIsReadyDoesNotEndAQuota) {
  watch_.trouble("qq", Trouble::Rate, "mail: 550 frequency limited", now_);
  pass(15min);
  EXPECT_EQ(told(), Words{"quota_held qq"});

  watch_.ready("qq", now_);

  EXPECT_EQ(told(), Words{});
}

TEST_F(Watch, AHundredMessagesThatFailUntoldAreToldOnceADay) {
  watch_.happened(AlertEvent::MessageUntold, "", "00000000AAAA: the message has no sender", now_);
  EXPECT_EQ(told(), Words{"message_untold"});
  for (int i = 0; i < 99; ++i) {
    pass(30min);
    watch_.happened(AlertEvent::MessageUntold, "", "00000000AAAB: the message has no sender", now_);
  }
  const Words again = told();
  EXPECT_EQ(again, Words{"message_untold"});
  EXPECT_EQ(last_.summary, "100 messages failed, and their senders were not told");

  pass(24h);

  EXPECT_EQ(told(), Words{"message_untold over"});
  EXPECT_TRUE(watch_.quiet());
}

TEST_F(Watch, OneMessageThatFailedUntoldIsNotRepeated) {
  watch_.happened(AlertEvent::MessageUntold, "", "x", now_);
  told();

  pass(23h);

  EXPECT_EQ(told(), Words{});
  pass(1h);
  EXPECT_EQ(told(), Words{"message_untold over"});
}

TEST_F(Watch, AnUpstreamThatIsConfiguredNoMoreIsForgotten) {
  watch_.trouble("qq", Trouble::Login, "no", now_);
  told();

  watch_.reconfigure({1h, 1}, {"office"});

  EXPECT_TRUE(watch_.quiet());
}

TEST_F(Watch, TheCalendarMayJumpWithoutAWord) {
  watch_.trouble("qq", Trouble::Connection, "refused", now_);
  now_.wall += 1000h;

  EXPECT_EQ(told(), Words{});
}

TEST(AlertJson, IsOneFlatObject) {
  AlertNews alert;
  alert.event = AlertEvent::LoginRefused;
  alert.upstream = "qq";
  alert.at = alert.since = WallTime(std::chrono::sys_days(std::chrono::March / 1 / 2026));
  alert.summary = "qq refuses the login";
  alert.detail = "auth: 535 \"no\"";
  alert.next = "mailchute reload";

  const Explanation words = event_explanation(AlertEvent::LoginRefused);
  EXPECT_EQ(
      to_json(alert, "relay.test"),
      "{\"schema\":1,\"event\":\"login_refused\",\"severity\":\"error\",\"at\":\"2026-03-01T00:00:00Z\","
      "\"since\":\"2026-03-01T00:00:00Z\",\"host\":\"relay.test\",\"upstream\":\"qq\","
      "\"summary\":\"qq refuses the login\",\"summary_zh\":\"qq 拒绝登录\","
      "\"detail\":\"auth: 535 \\\"no\\\"\",\"explanation\":" +
          json_quoted(words.words) + ",\"explanation_zh\":" + json_quoted(words.words_zh) +
          ","
          "\"next\":\"mailchute reload\",\"count\":1,\"resolved\":false}");
}

}  // namespace
}  // namespace mailchute
