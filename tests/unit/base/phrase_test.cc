#include "base/phrase.h"

#include <gtest/gtest.h>

namespace mailchute {
namespace {

TEST(Phrase, ASentenceHasItsPlacesFilledInBothLanguages) {
  const Phrase phrase = said({"{} is not there; {} is", "{} 不存在；{} 在"}, {"a", std::string("b")});

  EXPECT_EQ(phrase.in(Language::English), "a is not there; b is");
  EXPECT_EQ(phrase.in(Language::Chinese), "a 不存在；b 在");
}

TEST(Phrase, WhatStandsInAPlaceMayHaveALanguageOfItsOwn) {
  const Phrase days = {"5d", "5 天"};

  EXPECT_EQ(said({"in {}", "{}后"}, {days}).english, "in 5d");
  EXPECT_EQ(said({"in {}", "{}后"}, {days}).chinese, "5 天后");
}

TEST(Phrase, BracesInWhatIsFilledInAreNoPlaces) {
  EXPECT_EQ(said({"said {} and {}", "说了 {} 和 {}"}, {"{}", "x"}).english, "said {} and x");
}

TEST(Phrase, APlaceThatIsForgottenEndsTheProgram) {
  EXPECT_DEATH(said({"in {}", "{}后"}), "");
  EXPECT_DEATH(said({"soon", "很快"}, {"x"}), "");
}

TEST(Phrase, PhrasesFollowEachOther) {
  const Phrase both = said({"gone", "没有了"}) + untranslated(": x");

  EXPECT_EQ(both.english, "gone: x");
  EXPECT_EQ(both.chinese, "没有了: x");
}

}  // namespace
}  // namespace mailchute
