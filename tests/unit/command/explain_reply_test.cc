#include "command/explain_reply.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "deliver/generic_rules.h"
#include "deliver/provider_rules.h"
#include "fake/source_folder.h"
#include "settings/profile.h"

namespace mailchute {
namespace {

const std::vector<KnownRules>& shipped() {
  static const std::vector<KnownRules> kKnown = [] {
    Report report;
    const Profiles profiles = Profiles::read({fake::source_file("config/providers")}, report);
    EXPECT_FALSE(report.failed());
    std::vector<KnownRules> known;
    for (const std::string& name : profiles.names()) known.push_back({name, "", profiles.find(name)->rules});
    return known;
  }();
  return kKnown;
}

std::vector<KnownRules> only(const std::string& provider) {
  std::vector<KnownRules> known;
  std::copy_if(shipped().begin(), shipped().end(), std::back_inserter(known),
               [&](const KnownRules& each) { return each.provider == provider; });
  return known;
}

bool has_chinese(const std::string& text) {
  return std::any_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) >= 0xE3; });
}

void expect_words(const Explanation& words, const std::string& whose) {
  EXPECT_GE(words.words.size(), 30U) << whose;
  EXPECT_FALSE(has_chinese(words.words)) << whose;
  EXPECT_TRUE(has_chinese(words.words_zh)) << whose;
}

TEST(Words, EveryRuleOfEveryProviderHasThemInBothLanguages) {
  std::size_t rules = 0;
  for (const KnownRules& known : shipped()) {
    for (const ReplyRule& rule : known.rules) {
      expect_words(explanation(rule.id, known.rules).value_or(Explanation{}), known.provider + " " + rule.id);
      ++rules;
    }
  }
  EXPECT_GT(rules, 200U);
}

TEST(Words, EveryGeneralRuleHasThemWhateverIsSaidWhereever) {
  for (int stage = 0; stage <= static_cast<int>(Stage::Quit); ++stage) {
    for (const int code :
         {0, 250, 354, 421, 432, 450, 452, 454, 500, 501, 503, 530, 535, 550, 552, 553, 554, 999}) {
      for (const char* text :
           {"no", "frequency limited", "login first", "mail from address must be the same"}) {
        for (const bool sent : {false, true}) {
          ReplyContext said;
          said.stage = static_cast<Stage>(stage);
          said.reply = {code, "", text};
          said.final_dot_sent = sent;
          const Verdict verdict = generic_verdict(said);
          if (verdict.fate == Fate::Delivered) continue;
          expect_words(
              explanation(verdict.rule).value_or(Explanation{}),
              "'" + verdict.rule + "' for " + std::to_string(code) + " at " + stage_name(said.stage));
        }
      }
    }
  }
}

TEST(TypedReply, HasCodeEnhancedCodeAndText) {
  const TypedReply taken = parse_typed_reply(" 535 5.7.8 Username and Password not accepted ");
  EXPECT_EQ(taken.reply.code, 535);
  EXPECT_EQ(taken.reply.enhanced, "5.7.8");
  EXPECT_EQ(taken.stage, std::nullopt);
  EXPECT_TRUE(looks_like_reply("550"));
  EXPECT_TRUE(looks_like_reply("550-first"));
  EXPECT_FALSE(looks_like_reply("5501"));
  EXPECT_FALSE(looks_like_reply("06ABCDEFGHJK"));
}

TEST(TypedReply, MayHaveSeveralLines) {
  EXPECT_EQ(parse_typed_reply("535-5.7.8 one\n535 5.7.8 two").reply.text, "one\ntwo");
  const TypedReply copied = parse_typed_reply("550 one\nand two");
  EXPECT_EQ(copied.reply.code, 550);
  EXPECT_EQ(copied.reply.text, "one\nand two");
}

TEST(TypedReply, MayBeginWithItsStageAsStatusShowsIt) {
  const TypedReply taken = parse_typed_reply("auth: 535 Login fail");
  EXPECT_EQ(taken.stage, Stage::Auth);
  EXPECT_EQ(taken.reply.code, 535);
  const TypedReply silent = parse_typed_reply("connect: connection refused");
  EXPECT_EQ(silent.stage, Stage::Connect);
  EXPECT_EQ(silent.reply.code, 0);
  EXPECT_EQ(silent.reply.text, "connection refused");
}

TEST(JudgedReply, IsFoundByTheProvidersOwnRule) {
  const auto found =
      judge_reply(parse_typed_reply("535 Login Fail. Please enter your authorization code"), only("qq"));

  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].verdict.rule, "qq-code");
  EXPECT_EQ(found[0].provider, "qq");
  EXPECT_EQ(found[0].stages, std::vector<Stage>{Stage::Auth});
  EXPECT_EQ(found[0].verdict.pause->kind, Pause::Kind::Login);
}

TEST(JudgedReply, IsFoundByItsWordsAlone) {
  const auto found = judge_reply(parse_typed_reply("login fail. account is abnormal"), only("qq"));

  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].verdict.rule, "qq-login");
}

TEST(JudgedReply, WordsThatNobodyKnowsAreNotGuessedAt) {
  EXPECT_TRUE(judge_reply(parse_typed_reply("nothing of that kind"), shipped()).empty());
}

TEST(JudgedReply, FallsBackToTheGeneralRulesOfEachPlace) {
  const auto found = judge_reply(parse_typed_reply("550 5.1.1 no such user here"), only("qq"));

  ASSERT_GE(found.size(), 3U);
  EXPECT_EQ(found[0].provider, "");
  EXPECT_TRUE(std::any_of(found.begin(), found.end(), [](const Judgement& each) {
    return each.verdict.rule == "recipient-refused" && each.stages == std::vector<Stage>{Stage::RcptTo};
  }));
  EXPECT_EQ(judge_reply(parse_typed_reply("rcpt: 550 no such user"), only("qq")).size(), 1U);
  EXPECT_EQ(judge_reply(parse_typed_reply("535 no"), {}).front().verdict.rule, "login-refused");
}

TEST(ReplyStory, SaysWhoseRuleWhatItMeansAndWhatFollows) {
  const std::string typed = "550 Connection frequency limited";
  auto known = only("qq");
  known[0].upstream = "main";
  const TypedReply taken = parse_typed_reply(typed);
  const Settings::Cooldown cooldown;

  const Story story = explain_reply(typed, taken, judge_reply(taken, known), cooldown, Language::English);
  const Story chinese = explain_reply(typed, taken, judge_reply(taken, known), cooldown, Language::Chinese);

  ASSERT_EQ(story.parts.size(), 1U);
  EXPECT_EQ(story.parts[0].about, "the rule qq-frequency of the provider qq");
  EXPECT_EQ(story.parts[0].happened, "It may be said at any point.");
  EXPECT_NE(story.parts[0].meaning.find("QQ finds"), std::string::npos);
  EXPECT_NE(story.parts[0].expected.find("rests for 10m, then longer each time, up to 6h"),
            std::string::npos);
  EXPECT_EQ(story.parts[0].next, std::vector<std::string>{"explain main"});
  EXPECT_NE(chinese.parts[0].expected.find("停 10 分钟"), std::string::npos) << chinese.parts[0].expected;
}

TEST(OwnReply, WhatTheDaemonSaysItselfIsNoProvidersWord) {
  const auto told = own_reply(
      parse_typed_reply("452 4.3.1 Not enough disk space for the queue; try again later"), Language::English);

  ASSERT_TRUE(told);
  EXPECT_EQ(told->about, "mailchute itself");
  EXPECT_NE(told->meaning.find("queue.reserve"), std::string::npos);
  EXPECT_FALSE(own_reply(parse_typed_reply("452 4.3.1 Insufficient system storage"), Language::English));
}

}  // namespace
}  // namespace mailchute
