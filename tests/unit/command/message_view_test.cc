#include "command/message_view.h"

#include <gtest/gtest.h>

#include <chrono>

namespace mailchute {
namespace {

using std::chrono::minutes;

const WallTime kNow(std::chrono::sys_days(std::chrono::year(2026) / 3 / 1) + std::chrono::hours(12));

SeenRecipient recipient(const std::string& state, const std::string& route = "qq") {
  SeenRecipient made;
  made.address = "b@r.test";
  made.state = state;
  made.route = route;
  made.upstream = route.substr(0, route.find(','));
  if (state == "queued" || state == "uncertain") made.next_attempt = kNow;
  return made;
}

SeenMessage message(std::vector<SeenRecipient> recipients) {
  SeenMessage made;
  made.id = MessageId{1};
  made.sender = "a@s.test";
  made.bytes = 2048;
  made.has_content = true;
  made.received = kNow - minutes(90);
  made.expires = kNow + std::chrono::hours(100);
  made.state = recipients.front().state;
  made.recipients = std::move(recipients);
  return made;
}

UpstreamState cooling(const std::string& name, Duration left) {
  UpstreamState state;
  state.name = name;
  state.trouble = "login";
  state.failures = 1;
  state.cooling_until = kNow + left;
  state.stage = Stage::Auth;
  state.reply = {535, "", "Login fail."};
  return state;
}

TEST(Waiting, AMessageThatIsDueIsTriedNow) {
  const Waiting why = waiting(message({recipient("queued")}), {}, kNow);
  EXPECT_EQ(why.next, "now");
  EXPECT_EQ(why.reason, "");
}

TEST(Waiting, ItsOwnBackoffIsToldWithTheLastReply) {
  SeenRecipient later = recipient("queued");
  later.next_attempt = kNow + minutes(4);
  later.last_reply = SeenReply{Stage::FinalDot, {451, "4.3.0", "not\nnow\x1b"}};

  const Waiting why = waiting(message({later}), {}, kNow);

  EXPECT_EQ(why.next, "4m");
  EXPECT_EQ(why.reason, "final_dot: 451 4.3.0 not now\\x1b");
}

TEST(Waiting, AnUpstreamThatCoolsDownHoldsUpItsMailAndIsTheReason) {
  const Waiting why = waiting(message({recipient("queued")}), {cooling("qq", minutes(14))}, kNow);
  EXPECT_EQ(why.next, "14m");
  EXPECT_EQ(why.reason, "qq: auth: 535 Login fail.");
}

TEST(Waiting, ACooldownThatIsOverIsNoReason) {
  const Waiting why = waiting(message({recipient("queued")}), {cooling("qq", -minutes(1))}, kNow);
  EXPECT_EQ(why.next, "now");
  EXPECT_EQ(why.reason, "");
}

TEST(Waiting, OfARouteTheUpstreamThatIsFreeFirstCounts) {
  const SeenMessage seen = message({recipient("queued", "qq,office")});
  EXPECT_EQ(waiting(seen, {cooling("qq", minutes(14))}, kNow).next, "now");
  EXPECT_EQ(waiting(seen, {cooling("qq", minutes(14)), cooling("office", minutes(3))}, kNow).next, "3m");
}

TEST(Waiting, APauseHasNoEnd) {
  UpstreamState paused;
  paused.name = "qq";
  paused.paused = true;
  const Waiting why = waiting(message({recipient("queued")}), {paused}, kNow);
  EXPECT_EQ(why.next, "paused");
  EXPECT_EQ(why.reason, "qq is paused by the operator");
}

TEST(Waiting, WhatIsHeldOrFinishedWaitsForNoTimeButSaysWhy) {
  SeenRecipient failed = recipient("failed");
  failed.last_reply = SeenReply{Stage::RcptTo, {550, "5.1.1", "who?"}};

  const Waiting why = waiting(message({failed, recipient("delivered")}), {cooling("qq", minutes(1))}, kNow);

  EXPECT_EQ(why.next, "");
  EXPECT_EQ(why.reason, "rcpt: 550 5.1.1 who?");
}

TEST(MessageRow, FitsEightyColumnsOnAScreen) {
  SeenRecipient long_one = recipient("queued");
  long_one.address = "somebody.with.a.very.long.name@a.very.long.domain.example";
  const SeenMessage seen = message({long_one, recipient("queued")});

  const std::string row = message_row(seen, {"now", std::string(200, 'r')}, kNow, 80);

  EXPECT_EQ(row.find('\n'), 80U);
  EXPECT_EQ(row.size(), 162U);
  EXPECT_EQ(row.substr(0, 48), "000000000001    1h   2.0K  queued     now     a@");
  EXPECT_NE(message_row(seen, {"now", ""}, kNow, 0).find("domain.example and 1 more\n"), std::string::npos);
}

TEST(MessageRow, ALongSenderDoesNotHideWhomItIsFor) {
  SeenMessage seen = message({recipient("queued")});
  seen.sender = "a-daily-report-of-everything@machines.corp.example";
  EXPECT_NE(message_row(seen, {}, kNow, 80).find("... -> b@r.test\n"), std::string::npos);
  seen.recipients[0].address = std::string(40, 'b') + "@r.test";
  const std::string row = message_row(seen, {}, kNow, 80);
  EXPECT_NE(row.find("  a-daily-rep"), std::string::npos) << row;
  EXPECT_NE(row.find("... -> bbbbbbbb"), std::string::npos) << row;
  EXPECT_EQ(row.find('\n'), 80U);
}

TEST(MessageRow, ANullSenderIsVisibleAndBytesOfAppsAreHarmless) {
  SeenMessage seen = message({recipient("queued")});
  seen.sender = "";
  EXPECT_NE(message_row(seen, {}, kNow, 0).find("<> -> b@r.test"), std::string::npos);
  seen.sender = "a\x1b[2J@s.test";
  EXPECT_EQ(message_row(seen, {}, kNow, 0).find('\x1b'), std::string::npos);
}

TEST(MessagePage, TellsEveryReplyWordForWord) {
  SeenRecipient later = recipient("queued");
  later.attempts = 1;
  later.next_attempt = kNow + minutes(4);
  later.last_reply = SeenReply{Stage::FinalDot, {451, "4.3.0", "first line\nsecond line \xe4\xb8\xad"}};
  MessageReport report;
  report.message = message({later});
  report.message.summary.subject = "caf\xe9";
  report.message.source = {.kind = "smtp",
                           .uid = 33,
                           .pid = 4711,
                           .command = "php",
                           .address = "127.0.0.1:5",
                           .helo = "localhost"};
  report.attempts = {{.record = {.upstream = "qq",
                                 .started = kNow - minutes(1),
                                 .duration = Duration(1'234),
                                 .stage = Stage::FinalDot,
                                 .reply = later.last_reply->reply,
                                 .in_doubt = true,
                                 .tls = "TLSv1.3 X",
                                 .peer = "192.0.2.1:465"},
                      .row = std::nullopt}};
  report.header = "Subject: hello\r\n\tfolded\r\nX: \x1b[31m\r\n";

  const std::string page = message_page(report, {}, kNow);

  EXPECT_NE(page.find("id          000000000001\n"), std::string::npos) << page;
  EXPECT_NE(page.find("received    2026-03-01T10:30:00Z (1h 30m ago)\n"), std::string::npos) << page;
  EXPECT_NE(page.find("expires     2026-03-05T16:00:00Z (in 4d 4h)\n"), std::string::npos) << page;
  EXPECT_NE(page.find("source      smtp from 127.0.0.1:5, helo localhost, uid 33, pid 4711, program php\n"),
            std::string::npos)
      << page;
  EXPECT_NE(page.find("subject     caf\\xe9\n"), std::string::npos) << page;
  EXPECT_NE(page.find("  b@r.test  queued, 1 attempt, via qq, next in 4m\n"
                      "      final_dot: 451 4.3.0 first line\n        second line \xe4\xb8\xad\n"),
            std::string::npos)
      << page;
  EXPECT_NE(page.find("  2026-03-01T11:59:00Z  qq 192.0.2.1:465, TLSv1.3 X, 1.2s, in doubt"),
            std::string::npos)
      << page;
  EXPECT_NE(page.find("header\n  Subject: hello\n      folded\n  X: \\x1b[31m\n"), std::string::npos) << page;
  EXPECT_EQ(page.find('\x1b'), std::string::npos);
}

TEST(MessagePage, WhatWasGivenUpSaysSoAndHowItIsSentAgain) {
  SeenRecipient late = recipient("failed");
  late.last_reply = SeenReply{Stage::Auth, {535, "", "Login fail"}};
  SeenRecipient refused = recipient("failed");
  refused.last_reply = SeenReply{Stage::RcptTo, {550, "5.1.1", "no such user"}};
  MessageReport report;
  report.message = message({late, refused});
  report.message.expires = kNow - minutes(1);
  report.message.finished = kNow - minutes(1);

  std::string page = message_page(report, {}, kNow);

  EXPECT_NE(page.find("failed, 0 attempts, via qq\n"
                      "      given up: its time in the queue (queue.lifetime) was over\n"
                      "      Nothing more is done; a notice goes to a@s.test.\n"
                      "      Its content is still kept: mailchute queue retry 000000000001 sends it again.\n"
                      "      auth: 535 Login fail\n"),
            std::string::npos)
      << page;
  EXPECT_EQ(page.find("given up"), page.rfind("given up")) << page;

  report.message.has_content = false;
  page = message_page(report, {}, kNow);
  EXPECT_NE(page.find("Its content is no longer kept"), std::string::npos) << page;

  report.message.finished = kNow - minutes(2);
  page = message_page(report, {}, kNow);
  EXPECT_EQ(page.find("given up"), std::string::npos) << page;
}

TEST(MessagePage, WhatNobodyWasAskedToTakeShowsTheUpstreamsTrouble) {
  SeenRecipient late = recipient("failed");
  late.last_reply = SeenReply{Stage::Connect, {0, "", "no upstream could take the message in time"}};
  MessageReport report;
  report.message = message({late});
  report.message.expires = kNow - minutes(1);
  report.message.finished = kNow - minutes(1);

  const std::string page = message_page(report, {cooling("qq", minutes(5))}, kNow);

  EXPECT_NE(page.find("      its upstream's trouble now: qq: auth: 535 Login fail.\n"), std::string::npos)
      << page;
}

TEST(MessagePage, WhoCannotTakeItIsNamedWithWhatItSaid) {
  MessageReport report;
  report.message = message({recipient("queued", "!qq,office")});
  SeenAttempt attempt;
  attempt.record.upstream = "qq";
  attempt.record.stage = Stage::MailFrom;
  attempt.record.reply = {552, "5.3.4", "too large"};
  report.attempts = {attempt};

  const std::string page = message_page(report, {cooling("office", minutes(14))}, kNow);

  EXPECT_NE(page.find("      waits: office: auth: 535 Login fail.\n"
                      "      not by qq, which cannot take it: mail: 552 5.3.4 too large\n"),
            std::string::npos)
      << page;
}

TEST(MessagePage, WhatIsDueButWaitsForItsUpstreamSaysSo) {
  SeenRecipient due = recipient("queued");
  due.next_attempt = kNow - minutes(1);
  MessageReport report;
  report.message = message({due});
  UpstreamState paused;
  paused.name = "qq";
  paused.paused = true;

  EXPECT_NE(message_page(report, {}, kNow).find("queued, 0 attempts, via qq, due now\n"), std::string::npos);
  EXPECT_NE(message_page(report, {cooling("qq", minutes(14))}, kNow)
                .find("queued, 0 attempts, via qq, next in 14m\n      waits: qq: auth: 535 Login fail.\n"),
            std::string::npos);
  EXPECT_NE(message_page(report, {paused}, kNow)
                .find("queued, 0 attempts, via qq\n      waits: qq is paused by the operator\n"),
            std::string::npos);
}

}  // namespace
}  // namespace mailchute
