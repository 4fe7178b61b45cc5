// What a provider's profile may say, how one builds on another, and that each mistake in it is told with its
// place.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "fake/source_folder.h"
#include "settings/profile.h"
#include "settings/secret.h"
#include "unit/settings/workspace.h"

namespace mailchute {
namespace {

const std::string kShippedProfiles = fake::source_file("config/providers");

/// A folder of profiles, read on its own.
class ProfileTest : public testing::Test {
 protected:
  void write(const std::string& name, const std::string& text) {
    workspace_.write("providers/" + name + ".yaml", text);
  }
  Profiles read() {
    Report report;
    Profiles profiles = Profiles::read({workspace_.path("providers")}, report);
    diagnostics_ = report.take();
    return profiles;
  }
  /// The one mistake in a profile with this row.
  Diagnostic mistake_in(const std::string& row) {
    write("p", "replies:\n  - " + row + "\n");
    read();
    EXPECT_EQ(diagnostics_.size(), 1u) << row << '\n' << render(diagnostics_);
    return diagnostics_.empty() ? Diagnostic{} : diagnostics_.front();
  }

  Workspace workspace_;
  std::vector<Diagnostic> diagnostics_;
};

TEST(ShippedProfiles, LoadWithoutAWord) {
  Report report;
  const Profiles profiles = Profiles::read({kShippedProfiles}, report);

  const auto diagnostics = report.take();
  EXPECT_TRUE(diagnostics.empty()) << render(diagnostics);
  for (const char* name :
       {"qq",          "exmail",      "163",          "126",    "yeah",      "qiye163", "aliyun-dm",
        "aliyun-qiye", "sina",        "tencent-ses",  "gmail",  "gws-relay", "m365",    "outlook",
        "yahoo",       "aol",         "icloud",       "zoho",   "fastmail",  "yandex",  "mailru",
        "ses",         "sendgrid",    "mailgun",      "resend", "postmark",  "brevo",   "mailjet",
        "custom",      "proton-smtp", "proton-bridge"})
    EXPECT_NE(profiles.find(name), nullptr) << name;
}

TEST(ShippedProfiles, SayWhatTheSecretIsCalledAndHowToGetOne) {
  Report report;
  const Profiles profiles = Profiles::read({kShippedProfiles}, report);

  for (const auto& name : profiles.names()) {
    if (name == "custom") continue;
    const SecretAdvice& secret = profiles.find(name)->head.secret;
    EXPECT_FALSE(secret.name.empty() || secret.name_zh.empty()) << name;
    EXPECT_FALSE(secret.how.empty() || secret.how_zh.empty()) << name;
    EXPECT_FALSE(profiles.find(name)->head.title.empty()) << name;
  }
}

TEST(ShippedProfiles, FollowFromTheDomainOfTheUserEachDomainToOne) {
  Report report;
  const Profiles profiles = Profiles::read({kShippedProfiles}, report);

  for (const auto& [user, provider] :
       std::vector<std::pair<std::string, std::string>>{{"1@qq.com", "qq"},
                                                        {"a@FOXMAIL.com", "qq"},
                                                        {"a@126.com", "126"},
                                                        {"a@yeah.net", "yeah"},
                                                        {"a@sina.com", "sina"},
                                                        {"a@gmail.com", "gmail"},
                                                        {"a@hotmail.com", "outlook"},
                                                        {"a@aol.com", "aol"},
                                                        {"a@me.com", "icloud"},
                                                        {"a@yandex.ru", "yandex"},
                                                        {"a@bk.ru", "mailru"},
                                                        {"a@fastmail.com", "fastmail"}}) {
    ASSERT_NE(profiles.for_user(user), nullptr) << user;
    EXPECT_EQ(profiles.for_user(user)->name, provider);
  }
  std::vector<std::string> domains;
  for (const auto& name : profiles.names())
    for (const auto& domain : profiles.find(name)->head.domains) domains.push_back(domain);
  std::sort(domains.begin(), domains.end());
  EXPECT_EQ(std::adjacent_find(domains.begin(), domains.end()), domains.end());
}

TEST(ShippedProfiles, GiveTheUserWhereItIsTheSameForEveryone) {
  const Workspace workspace;
  for (const auto& [provider, user] :
       std::vector<std::pair<std::string, std::string>>{{"sendgrid", "apikey"}, {"resend", "resend"}}) {
    const Loaded loaded =
        workspace.load_text("upstreams: { x: { provider: " + provider + ", password_file: secret } }\n");
    ASSERT_TRUE(loaded.settings) << render(loaded.diagnostics);
    EXPECT_EQ(loaded.settings->upstreams[0].user, user);
  }
}

TEST(ShippedProfiles, ReachTheUpstreamWithRulesAlternativesAndAdvice) {
  const Workspace workspace;

  const UpstreamSettings qq = workspace.load_text(kUpstream).settings->upstreams[0];

  EXPECT_FALSE(qq.rules.empty());
  ASSERT_EQ(qq.alternatives.size(), 1u);
  EXPECT_EQ(qq.alternatives[0], (Alternative{"smtp.qq.com", 587, TlsMode::StartTls}));
  EXPECT_EQ(qq.secret.name_zh, "授权码");
  EXPECT_EQ(qq.rate, (Rate{10, std::chrono::minutes(1)}));
}

TEST(ShippedProfiles, APastedSecretLosesItsBlanksWhereTheyAreDecoration) {
  const Workspace workspace;
  workspace.write("secret", " abcd efgh\tijkl mnop \n\n", 0600);

  UpstreamSettings qq = workspace.load_text(kUpstream).settings->upstreams[0];
  EXPECT_EQ(read_secret(qq)->reveal(), "abcdefghijklmnop");

  qq.secret.blanks = SecretAdvice::Blanks::Keep;
  EXPECT_EQ(read_secret(qq)->reveal(), " abcd efgh\tijkl mnop \n");
}

TEST_F(ProfileTest, OneOfTheSameNameInAnEarlierFolderTakesItsPlace) {
  write("qq", "title: Mine\nreplies:\n  - { id: mine, code: 550, then: slow, for: 1m }\n");
  Report report;

  const Profiles profiles = Profiles::read({workspace_.path("providers"), kShippedProfiles}, report);

  EXPECT_EQ(profiles.find("qq")->head.title, "Mine");
  ASSERT_EQ(profiles.find("qq")->rules.size(), 1u);
  EXPECT_EQ(profiles.find("exmail")->rules.front().id, "mine");
}

TEST_F(ProfileTest, LikeTakesWhatIsMissingFromTheOther) {
  write("base",
        "title: Base\ndomains: [base.example]\nsecret: { name: code, blanks: drop }\n"
        "alternatives:\n  - { port: 994, tls: implicit }\n"
        "defaults: { host: h.base.example, port: 465, rate: 5/min }\n"
        "replies:\n  - { id: one, code: 550, text: one, then: slow }\n");
  write("heir",
        "title: Heir\nlike: base\ndefaults: { host: h.heir.example }\n"
        "replies:\n  - { id: two, code: 551, then: slow }\n");

  const Profiles profiles = read();

  ASSERT_TRUE(diagnostics_.empty()) << render(diagnostics_);
  const Profile& heir = *profiles.find("heir");
  EXPECT_TRUE(heir.head.domains.empty());
  EXPECT_EQ(heir.head.secret.name, "code");
  EXPECT_EQ(heir.head.secret.blanks, SecretAdvice::Blanks::Drop);
  EXPECT_EQ(heir.alternatives.size(), 1u);
  EXPECT_EQ(heir.defaults.find("host")->scalar, "h.heir.example");
  EXPECT_EQ(heir.defaults.find("rate")->scalar, "5/min");
  ASSERT_EQ(heir.rules.size(), 2u);
  EXPECT_EQ(heir.rules[0].id, "two");
  EXPECT_EQ(heir.rules[1].id, "one");
}

TEST_F(ProfileTest, ThereIsNoChainAndNoRing) {
  write("a", "like: b\n");
  write("b", "replies_of: a\n");
  write("c", "like: nobody\n");

  read();

  EXPECT_EQ(diagnostics_.size(), 3u) << render(diagnostics_);
  EXPECT_NE(render(diagnostics_).find("a.yaml:1:1: error: profile b builds on another itself"),
            std::string::npos);
  EXPECT_NE(render(diagnostics_).find("c.yaml:1:1: error: there is no profile \"nobody\""),
            std::string::npos);
}

TEST_F(ProfileTest, ARowIsReadAsItIsWritten) {
  write("p",
        "replies:\n"
        "  - { id: r, at: [mail, final_dot], code: [550, 45x, 4xx], enhanced: \"5.7.*\", text: [a b, c],"
        " then: pause-until-day-end, zone: \"-03:30\", after: 3, alert: third }\n"
        "  - { id: s, at: auth, code: none, then: pause-login, for: 15m, max: 2h, alert: first }\n"
        "  - { id: t, at: rcpt, text: x, then: retry, wait: 2m, give_up: 6h, for: 1m }\n");

  const std::vector<ReplyRule> rules = read().find("p")->rules;

  ASSERT_TRUE(diagnostics_.empty()) << render(diagnostics_);
  ASSERT_EQ(rules.size(), 3u);
  EXPECT_EQ(rules[0].at, (std::vector{Stage::MailFrom, Stage::FinalDot}));
  EXPECT_EQ(rules[0].codes, (std::vector<ReplyRule::Codes>{{550, 550}, {450, 459}, {400, 499}}));
  EXPECT_EQ(rules[0].enhanced, std::vector<std::string>{"5.7.*"});
  EXPECT_EQ(rules[0].text, (std::vector<std::string>{"a b", "c"}));
  EXPECT_EQ(rules[0].pause.day_end, -Duration(std::chrono::minutes(210)));
  EXPECT_EQ(rules[0].pause.after, 3);
  EXPECT_EQ(rules[0].alert, Alert::Third);
  EXPECT_EQ(rules[1].codes, (std::vector<ReplyRule::Codes>{{0, 0}}));
  EXPECT_EQ(rules[1].pause.first, std::chrono::minutes(15));
  EXPECT_EQ(rules[1].pause.max, std::chrono::hours(2));
  EXPECT_EQ(rules[2].retry_in, std::chrono::minutes(2));
  EXPECT_EQ(rules[2].retry_for, std::chrono::hours(6));
  EXPECT_TRUE(rules[2].pauses_too);
}

TEST_F(ProfileTest, EachMistakeInARowIsToldWithItsPlace) {
  const std::vector<std::pair<std::string, std::string>> rows = {
      {"{ code: 550, then: slow }", ":2:5: error: a reply needs an id"},
      {"{ id: a, code: 550 }", ":2:5: error: a reply needs a then"},
      {"{ id: a, code: 550, then: slwo }", ":2:31: error: then: \"slwo\" is none of"},
      {"{ id: a, at: aut, code: 550, then: slow }", ":2:18: error: at: \"aut\" is none of"},
      {"{ id: a, code: 250, then: slow }", ":2:20: error: \"250\" is no code of a failure"},
      {"{ id: a, code: 5x0, then: slow }", ":2:20: error: \"5x0\" is no code of a failure"},
      {"{ id: a, cod: 550, then: slow }", ":2:14: error: unknown key \"cod\""},
      {"{ id: a, then: slow }", ":2:11: error: this reply would match any"},
      {"{ id: a, code: 550, then: refuse-message }", ":2:5: error: refuse-message judges a message"},
      {"{ id: a, at: [auth, mail], code: 550, then: retry }", ":2:18: error: retry judges a message"},
      {"{ id: a, at: rcpt, code: none, then: split }", "error: silence refuses no mail"},
      {"{ id: a, at: mail, code: 502, then: other-mechanism }", "error: other-mechanism answers a login"},
      {"{ id: a, at: auth, code: 530, then: relogin }", "error: relogin follows a login"},
      {"{ id: a, code: 550, then: pause-until-day-end }", "error: pause-until-day-end and zone go together"},
      {"{ id: a, code: 550, then: pause-until-day-end, zone: UTC }", "error: \"UTC\" is no zone"},
      {"{ id: a, code: 550, then: slow, max: 1h }", "error: max is the top of what begins with for"},
      {"{ id: a, code: 550, then: slow, for: 2h, max: 1h }", "error: max is the top of what begins with for"},
      {"{ id: a, code: 550, then: slow, for: 5 }", "error: for: "},
      {"{ id: a, code: 550, then: slow, wait: 5m }", "error: wait is for retry and keep"},
      {"{ id: a, code: 550, then: slow, give_up: 5m }", "error: give_up is for retry"},
      {"{ id: a, code: 421, then: reconnect, for: 5m }", "error: reconnect takes no for"},
      {"{ id: a, code: 421, then: slow, explain: nothing }", "error: nothing is called \"nothing\""},
      {"{ id: a, code: 421, then: slow, text: [] }", "error: text is an empty list"},
  };
  for (const auto& [row, expected] : rows)
    EXPECT_NE(render({mistake_in(row)}).find(expected), std::string::npos) << render({mistake_in(row)});
}

TEST_F(ProfileTest, MistakesBesideTheRowsAreToldToo) {
  write("p",
        "titel: P\n"
        "secret: { blanks: maybe }\n"
        "alternatives:\n  - { port: 25 }\n  - { port: 70000, tls: none }\n"
        "defaults: { prot: 25, password_file: x }\n"
        "explanations:\n  a: { en: words }\n"
        "replies:\n  - { id: a, code: 550, then: slow }\n  - { id: a, code: 551, then: slow }\n");

  read();

  const std::string told = render(diagnostics_);
  for (const char* line :
       {"p.yaml:1:1: error: unknown key \"titel\"", "p.yaml:2:19: error: secret.blanks",
        "p.yaml:4:5: error: an alternative needs port and tls", "p.yaml:5:13: error: port",
        "p.yaml:5:25: error: tls", "p.yaml:6:13: error: unknown key \"prot\"",
        "error: a profile cannot set password_file", "p.yaml:8:3: error: an explanation needs en and zh",
        "p.yaml:11:5: error: a second reply is called a"})
    EXPECT_NE(told.find(line), std::string::npos) << line << '\n' << told;
}

TEST_F(ProfileTest, WordsOfItsOwnComeBeforeTheGeneralOnes) {
  write("p",
        "replies:\n  - { id: a, code: 550, then: slow }\n  - { id: b, code: 551, then: slow }\n"
        "  - { id: c, code: 552, then: slow, explain: a }\n  - { id: d, code: 553, then: slow, explain: "
        "quota-used-up }\n"
        "explanations:\n  a: { en: English words, zh: 中文 }\n");

  const std::vector<ReplyRule> rules = read().find("p")->rules;

  ASSERT_EQ(rules.size(), 4u) << render(diagnostics_);
  EXPECT_EQ(rules[0].explanation, (Explanation{"English words", "中文"}));
  EXPECT_EQ(rules[1].explanation, general_explanation("slow-down"));
  EXPECT_EQ(rules[2].explanation, rules[0].explanation);
  EXPECT_EQ(rules[3].explanation, general_explanation("quota-used-up"));
}

}  // namespace
}  // namespace mailchute
