#include <gtest/gtest.h>

#include <chrono>

#include "command/explain_message.h"
#include "command/explain_upstream.h"
#include "command/story_view.h"

namespace mailchute {
namespace {

using namespace std::chrono_literals;

const WallTime kNow(std::chrono::sys_days(std::chrono::year(2026) / 11 / 19) + 14h);

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

/// One upstream and one message for it; each test changes what it is about.
class Stories : public testing::Test {
 protected:
  Stories() {
    UpstreamSettings upstream;
    upstream.name = "qq";
    upstream.provider = "qq";
    upstream.user = "1@qq.com";
    upstream.host = "smtp.qq.com";
    upstream.port = 465;
    ReplyRule rule;
    rule.id = "qq-frequency";
    rule.codes = {{550, 550}};
    rule.text = {"frequency limited"};
    rule.then = ReplyRule::Then::Slow;
    rule.explanation = {"QQ finds that too much is sent.", "QQ 认为发得太多。"};
    upstream.rules = {rule};
    settings_.upstreams = {upstream};
    live_ = {
        .name = "qq", .provider = "qq", .state = "ok", .reason = "", .until = {}, .last_success = kNow - 2h};

    message_.id = MessageId{1'000'000};
    message_.sender = "a@s.test";
    message_.state = "queued";
    message_.received = kNow - 30min;
    message_.expires = kNow + 100h;
    message_.summary.subject = "hello";
    message_.recipients = {recipient("b@r.test")};
  }

  SeenRecipient recipient(const std::string& address) {
    SeenRecipient made;
    made.row = static_cast<std::int64_t>(message_.recipients.size()) + 1;
    made.address = address;
    made.state = "queued";
    made.route = "qq";
    made.upstream = "qq";
    return made;
  }

  void upstream_in_trouble(const std::string& state, Stage stage, Reply reply, const std::string& trouble) {
    live_.state = state;
    live_.until = kNow + 6min;
    live_.reason = "said";
    UpstreamState saved;
    saved.name = "qq";
    saved.trouble = trouble;
    saved.failures = 3;
    saved.stage = stage;
    saved.reply = std::move(reply);
    saved_ = {saved};
  }

  ExplainFacts facts(Language language = Language::English) const {
    return {.settings = settings_,
            .now = kNow,
            .language = language,
            .daemon = daemon_,
            .live = {live_},
            .saved = saved_,
            .spendings = spendings_};
  }
  StoryPart told(Language language = Language::English) const {
    return explain_message(message_, attempts_, facts(language)).parts.at(0);
  }
  StoryPart of_upstream(Language language = Language::English) const {
    return explain_upstream("qq", facts(language)).parts.at(0);
  }

  Settings settings_;
  LiveUpstream live_;
  std::vector<UpstreamState> saved_;
  std::vector<Spending> spendings_;
  ExplainFacts::Daemon daemon_ = ExplainFacts::Daemon::Running;
  SeenMessage message_;
  std::vector<SeenAttempt> attempts_;
};

TEST_F(Stories, ANewMessageIsTriedAsSoonAsThereIsAConnection) {
  const StoryPart part = told();

  EXPECT_EQ(part.happened, "It has not been tried yet.");
  EXPECT_TRUE(has(part.expected, "as soon as there is a free connection")) << part.expected;
  EXPECT_TRUE(has(part.expected, "given up in 4d 4h")) << part.expected;
  EXPECT_EQ(part.next.front(), "queue retry " + message_.id.text());
}

TEST_F(Stories, WhatAnUpstreamCannotTakeGoesOnAndSaysWhy) {
  message_.recipients[0].route = "!qq,office";
  SeenAttempt attempt;
  attempt.record.upstream = "qq";
  attempt.record.stage = Stage::MailFrom;
  attempt.record.reply = {552, "5.3.4", "too large"};
  attempts_ = {attempt};

  EXPECT_TRUE(
      has(told().happened, "qq cannot take it (552 5.3.4 too large), so that it goes on with another"))
      << told().happened;
  EXPECT_TRUE(has(told(Language::Chinese).happened, "qq 收不了这封邮件（552 5.3.4 too large）"));
}

TEST_F(Stories, ADeferredRecipientHasItsReplyTheRuleAndTheTime) {
  message_.recipients[0].attempts = 2;
  message_.recipients[0].next_attempt = kNow + 6min;
  message_.recipients[0].last_reply = SeenReply{Stage::RcptTo, {450, "4.2.1", "mailbox busy"}};

  const StoryPart part = told();

  EXPECT_TRUE(has(part.happened, "tried 2 times")) << part.happened;
  EXPECT_TRUE(has(part.expected, "tried again in 6m (14:06)")) << part.expected;
  EXPECT_EQ(part.until, kNow + 6min);
  EXPECT_EQ(part.verdict->rule, "recipient-deferred");
  EXPECT_FALSE(part.meaning.empty());
  EXPECT_EQ(part.reply->text, "mailbox busy");
}

TEST_F(Stories, WhatWaitsForAnUpstreamSaysSoAndUntilWhen) {
  upstream_in_trouble("down", Stage::Auth, {535, "", "Login fail"}, "login");

  const StoryPart part = told();

  EXPECT_TRUE(has(part.happened, "waits for qq, which cannot be used now")) << part.happened;
  EXPECT_TRUE(has(part.expected, "qq is tried again in 6m")) << part.expected;
  EXPECT_TRUE(has(part.expected, "No attempt is lost by waiting")) << part.expected;
  EXPECT_EQ(part.until, live_.until);
  EXPECT_EQ(part.reply->text, "Login fail");
  EXPECT_EQ(part.verdict->rule, "login-refused");
  EXPECT_EQ(part.next,
            (std::vector<std::string>{"explain qq", "credential set qq", "reload", "upstream test qq"}));
}

TEST_F(Stories, ASecretThatAProgramPrintsIsNotToBeStored) {
  settings_.upstreams[0].password_command = {"pass", "show", "qq"};
  upstream_in_trouble("down", Stage::Auth, {535, "", "Login fail"}, "login");

  EXPECT_EQ(of_upstream().next, (std::vector<std::string>{"reload", "upstream test qq"}));
  EXPECT_EQ(told().next, (std::vector<std::string>{"explain qq", "reload", "upstream test qq"}));
}

TEST_F(Stories, LimitsAreToldInTheReadersLanguage) {
  settings_.upstreams[0].rate = Rate{30, 1min};
  settings_.upstreams[0].quota = {{"recipients", Rate{500, 24h}}};

  EXPECT_TRUE(has(of_upstream().happened, "Its limits: 30/min messages, used 0; 500/day recipients, used 0."))
      << of_upstream().happened;
  const std::string chinese = of_upstream(Language::Chinese).happened;
  EXPECT_TRUE(has(chinese, "限额：30/min（邮件），已用 0；500/day（收件人），已用 0。")) << chinese;
}

TEST_F(Stories, AWayAroundAnUpstreamIsTaken) {
  upstream_in_trouble("down", Stage::Auth, {535, "", "Login fail"}, "login");
  UpstreamSettings office;
  office.name = "office";
  settings_.upstreams.push_back(office);
  message_.recipients[0].route = "qq,office";
  ExplainFacts both = facts();
  both.live.push_back(
      {.name = "office", .provider = "custom", .state = "ok", .reason = "", .until = {}, .last_success = {}});

  const StoryPart part = explain_message(message_, attempts_, both).parts.at(0);

  EXPECT_EQ(part.upstream, "office");
  EXPECT_FALSE(has(part.happened, "cannot be used")) << part.happened;
}

TEST_F(Stories, APausedUpstreamWaitsForAPerson) {
  live_.state = "paused";
  EXPECT_EQ(told().next, std::vector<std::string>{"upstream resume qq"});
  EXPECT_TRUE(has(told().expected, "when qq is resumed")) << told().expected;
  EXPECT_TRUE(has(of_upstream().happened, "somebody typed")) << of_upstream().happened;
}

TEST_F(Stories, WhatAPausedUpstreamSaidBeforeIsStillTold) {
  live_.state = "paused";
  message_.recipients[0].attempts = 1;
  message_.recipients[0].last_reply = SeenReply{Stage::RcptTo, {450, "4.2.1", "mailbox busy"}};

  const StoryPart part = told();

  EXPECT_TRUE(has(part.happened, "waits for qq, which somebody has paused")) << part.happened;
  ASSERT_TRUE(part.reply);
  EXPECT_EQ(part.reply->text, "mailbox busy");
}

TEST_F(Stories, WhatIsHeldInDoubtIsNotReleasedWithoutAWarning) {
  message_.recipients[0].state = message_.state = "held";
  EXPECT_FALSE(has(told().expected, "second time"));

  SeenAttempt lost;
  lost.record.upstream = "qq";
  lost.record.in_doubt = true;
  attempts_ = {lost};

  EXPECT_TRUE(has(told().happened, "may have been delivered already")) << told().happened;
  EXPECT_TRUE(has(told().expected, "released, it may arrive a second time")) << told().expected;
}

TEST_F(Stories, ALimitIsNoTroubleAndHasAnEnd) {
  live_.state = "cooling_down";
  live_.reason = "quota: 10 messages in a minute are used up";
  live_.until = kNow + 1min;

  EXPECT_TRUE(has(told().expected, "as the limits of qq allow, in 1m")) << told().expected;
  EXPECT_FALSE(told().verdict);
  EXPECT_TRUE(has(of_upstream().happened, "10 messages in a minute are used up"));
  EXPECT_TRUE(of_upstream().meaning.empty());
}

TEST_F(Stories, WithoutADaemonNothingIsSent) {
  daemon_ = ExplainFacts::Daemon::Down;
  EXPECT_TRUE(has(told().expected, "The daemon does not run"));
  EXPECT_EQ(told().next, std::vector<std::string>{"systemctl start mailchute"});
  EXPECT_EQ(of_upstream().next.front(), "systemctl start mailchute");
}

TEST_F(Stories, AFinishedRecipientIsToldAsFinished) {
  message_.finished = kNow - 5min;
  message_.recipients[0].state = "delivered";
  message_.recipients[0].last_reply = SeenReply{Stage::FinalDot, {250, "2.0.0", "Ok: queued"}};
  EXPECT_TRUE(has(told().happened, "qq took it")) << told().happened;

  message_.recipients[0].state = "failed";
  message_.recipients[0].last_reply = SeenReply{Stage::RcptTo, {550, "5.1.1", "no such user"}};
  EXPECT_TRUE(has(told().happened, "refused it for good")) << told().happened;
  EXPECT_TRUE(has(told().expected, "a notice goes to a@s.test")) << told().expected;

  message_.recipients[0].last_reply = SeenReply{Stage::RcptTo, {450, "", "busy"}};
  EXPECT_TRUE(has(told().happened, "given up 5m ago")) << told().happened;
  message_.sender.clear();
  EXPECT_TRUE(has(told().expected, "no sender")) << told().expected;
}

TEST_F(Stories, WhatWasGivenUpIsNotToldAsIfItWaited) {
  upstream_in_trouble("down", Stage::Auth, {535, "", "Login fail"}, "login");
  message_.expires = kNow - 25s;
  message_.finished = kNow - 25s;
  message_.has_content = true;
  message_.recipients[0].state = "failed";
  message_.recipients[0].last_reply = SeenReply{Stage::Auth, {535, "", "Login fail"}};

  EXPECT_EQ(
      told().happened,
      "Its turn to be sent never came. Its time in the queue (queue.lifetime) was over and it was given "
      "up 25s ago (13:59).");
  EXPECT_TRUE(has(told().meaning, "kept it waiting until its time was over. It is the login"))
      << told().meaning;
  EXPECT_FALSE(has(told().meaning, "Nothing is lost")) << told().meaning;
  const std::string id = message_.id.text();
  EXPECT_TRUE(has(told().expected,
                  "a notice goes to a@s.test. Its content is still kept: mailchute queue retry " + id))
      << told().expected;
  EXPECT_EQ(told().next, (std::vector<std::string>{"explain qq", "queue retry " + id, "queue show " + id}));
  const StoryPart chinese = told(Language::Chinese);
  EXPECT_TRUE(has(chinese.happened, "期限已到")) << chinese.happened;
  EXPECT_TRUE(has(chinese.meaning, "一直等到期限已过")) << chinese.meaning;
  EXPECT_TRUE(has(chinese.expected, "queue retry " + id)) << chinese.expected;

  message_.has_content = false;
  EXPECT_TRUE(has(told().expected, "no longer kept")) << told().expected;
  EXPECT_EQ(told().next, (std::vector<std::string>{"explain qq", "queue show " + id}));
  message_.summary.automatic = true;
  EXPECT_TRUE(has(told().expected, "nobody is told")) << told().expected;
}

TEST_F(Stories, WhatNobodyWasAskedToTakeWaitedForItsUpstream) {
  upstream_in_trouble("down", Stage::Auth, {535, "", "Login fail"}, "login");
  message_.expires = kNow - 25s;
  message_.finished = kNow - 25s;
  message_.recipients[0].state = "failed";
  message_.recipients[0].last_reply =
      SeenReply{Stage::Connect, {0, "", "no upstream could take the message in time"}};
  EXPECT_TRUE(has(told().meaning, "qq still has kept it waiting. It is the login")) << told().meaning;
  ASSERT_TRUE(told().reply);
  EXPECT_EQ(told().reply->code, 535);
  EXPECT_TRUE(has(told().expected, "no longer kept")) << told().expected;
  EXPECT_TRUE(has(told(Language::Chinese).meaning, "是登录的问题")) << told(Language::Chinese).meaning;

  live_.state = "paused";
  EXPECT_TRUE(has(told().meaning, "qq is paused")) << told().meaning;
  live_.state = "ok";
  EXPECT_TRUE(has(told().meaning, "is over")) << told().meaning;
}

TEST_F(Stories, HeldAndUncertainSayWhatAPersonDecides) {
  message_.recipients[0].state = "held";
  EXPECT_EQ(told().next.size(), 2U);
  message_.recipients[0].state = "uncertain";
  EXPECT_TRUE(has(told().happened, "may have been delivered already")) << told().happened;
}

TEST_F(Stories, RecipientsWithTheSameStoryAreToldTogether) {
  message_.recipients = {recipient("b@r.test")};
  message_.recipients.push_back(recipient("c@r.test"));
  message_.recipients.push_back(recipient("d@r.test"));
  message_.recipients[2].state = "held";

  const Story story = explain_message(message_, attempts_, facts());

  ASSERT_EQ(story.parts.size(), 2U);
  EXPECT_EQ(story.parts[0].about, "b@r.test and 1 more");
  EXPECT_EQ(story.parts[1].about, "d@r.test");
}

TEST_F(Stories, AnUpstreamInTroubleSaysWhetherItIsThePassword) {
  upstream_in_trouble("down", Stage::Auth, {535, "", "Login fail"}, "login");
  EXPECT_TRUE(has(of_upstream().meaning, "It is the login")) << of_upstream().meaning;
  EXPECT_TRUE(has(of_upstream().happened, "3 times in a row")) << of_upstream().happened;
  EXPECT_TRUE(has(of_upstream().expected, "tried again in 6m (14:06)")) << of_upstream().expected;
  EXPECT_TRUE(has(of_upstream().expected, "up to 6h")) << of_upstream().expected;

  upstream_in_trouble("cooling_down", Stage::FinalDot, {550, "", "frequency limited"}, "rate");
  EXPECT_TRUE(has(of_upstream().meaning, "It is not the password")) << of_upstream().meaning;
  EXPECT_TRUE(has(of_upstream().meaning, "QQ finds")) << of_upstream().meaning;
  EXPECT_TRUE(has(of_upstream(Language::Chinese).meaning, "与密码无关"))
      << of_upstream(Language::Chinese).meaning;

  upstream_in_trouble("cooling_down", Stage::Connect, {0, "", "connection refused"}, "connection");
  EXPECT_TRUE(has(of_upstream().meaning, "cannot be reached")) << of_upstream().meaning;
  EXPECT_EQ(of_upstream().next.back(), "upstream resume qq");
}

TEST_F(Stories, LimitsAreCountedInTheirOwnSpan) {
  settings_.upstreams[0].rate = Rate{10, 60s};
  settings_.upstreams[0].quota = {{"messages", Rate{500, 24h}}};
  spendings_ = {{"qq", kNow - 25h, 100, 100}, {"qq", kNow - 2h, 7, 9}, {"other", kNow - 2h, 50, 50}};

  EXPECT_TRUE(has(of_upstream().happened, "500/day messages, used 7")) << of_upstream().happened;
  EXPECT_TRUE(has(of_upstream().happened, "10/min messages, used 0")) << of_upstream().happened;
}

TEST_F(Stories, EveryStateIsToldInChineseToo) {
  for (const char* state : {"queued", "uncertain", "sending", "held", "delivered", "failed"}) {
    message_.recipients[0].state = state;
    const StoryPart part = told(Language::Chinese);
    EXPECT_TRUE(has(part.happened + part.expected, "。")) << state;
    EXPECT_FALSE(has(part.expected, ". ")) << part.expected;
  }
}

TEST_F(Stories, ThePageHasTheProvidersOwnWordsLineByLine) {
  message_.recipients[0].last_reply = SeenReply{Stage::RcptTo, {550, "5.1.1", "no  such\nuser\x1b"}};
  message_.recipients[0].state = "failed";
  message_.finished = kNow;

  const std::string page =
      story_page(explain_message(message_, attempts_, facts()), kNow, Language::English, 80);

  EXPECT_TRUE(has(page, "  Its words   rcpt: 550 5.1.1 no  such\n              user\\x1b\n")) << page;
  EXPECT_TRUE(has(page, "b@r.test: failed\n")) << page;
  EXPECT_TRUE(has(story_page(explain_message(message_, attempts_, facts()), kNow, Language::Chinese, 80),
                  "b@r.test: 失败\n"));
  EXPECT_EQ(page.find(message_.id.text() + ": \"hello\", from a@s.test"), 0U) << page;
}

}  // namespace
}  // namespace mailchute
