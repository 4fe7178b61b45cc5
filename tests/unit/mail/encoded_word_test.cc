#include "mail/encoded_word.h"

#include <gtest/gtest.h>

#include <string>

#include "base/text.h"

namespace mailchute {
namespace {

const std::string kJuergen = "J\xc3\xbcrgen";

TEST(EncodedWord, IsKnownByItsFrameAndItsText) {
  for (const char* word : {"=?UTF-8?B?SsO8cmdlbg==?=", "=?utf-8?q?J=C3=BCrgen?=",
                           "=?iso-8859-1?Q?J=FCrgen_M?=", "=?utf-8*en?B?SsO8?=", "=?UTF-8?B?SsO8cmdlbg?=",
                           "=?gbk?Q??"
                           "="})
    EXPECT_TRUE(is_encoded_word(word)) << word;
  for (const char* word : {"",
                           "=?"
                           "?=",
                           "=?utf-8?B?*?=", "=?utf-8?X?abc?=", "=?utf-8?Q?=C?=", "=?a b?Q?c?=", "=?a:b?Q?c?=",
                           "J=C3=BCrgen", "=?utf-8?Q?a?b?="})
    EXPECT_FALSE(is_encoded_word(word)) << word;
}

TEST(EncodedWord, WordsOfOneCharsetAreDecodedTogether) {
  const auto decoded = decode_words(" =?utf-8?B?SsO8?=  =?UTF-8?Q?rgen_M=2E?= ");
  ASSERT_TRUE(decoded);
  EXPECT_EQ(decoded->charset, "utf-8");
  EXPECT_EQ(decoded->bytes, kJuergen + " M.");
}

TEST(EncodedWord, AQWordMayHoldBlanksAndBeginWithAnEscape) {
  EXPECT_EQ(decode_words("=?utf-8?Q?=4Ame <a@b.c>?=")->bytes, "Jme <a@b.c>");
}

TEST(EncodedWord, WhatIsNotWordsAloneIsNotDecoded) {
  for (const char* text : {"", "x =?utf-8?Q?a?=", "=?utf-8?Q?a?= x", "=?utf-8?Q?a?= =?gbk?Q?b?=",
                           "=?iso-2022-jp?B?GyRC?=", "=?utf-16?B?AGEA?=", "=?utf-8?Q?a"})
    EXPECT_FALSE(decode_words(text)) << text;
}

TEST(EncodedWord, LongTextIsCutBetweenCharacters) {
  std::string text;
  for (int i = 0; i < 40; ++i) text += "\xe4\xbd\xa0";
  const std::string words = encode_words(text, "UTF-8");
  for (std::string_view word : split(words, ' ')) {
    EXPECT_LE(word.size(), 75u);
    EXPECT_TRUE(valid_utf8(decode_words(word)->bytes)) << word;
  }
  EXPECT_EQ(decode_words(words)->bytes, text);
}

TEST(EncodedWord, UnstructuredTextKeepsItsPlainWordsAndAllItsBlanks) {
  EXPECT_EQ(encoded_text(" plain  text "), "plain  text");
  EXPECT_EQ(encoded_text("Re: " + kJuergen + " is here"), "Re: =?UTF-8?B?SsO8cmdlbg==?= is here");
  // Two words in a row make one run, so that the blank between them is not lost.
  EXPECT_EQ(encoded_text("\xc3\xbc \xc3\xbc"), "=?UTF-8?B?w7wgw7w=?=");
  EXPECT_EQ(decode_words(encoded_text("\xc3\xbc =?UTF-8?Q?a?="))->bytes, "\xc3\xbc a");
  EXPECT_EQ(decode_words(encoded_text("=?UTF-8?Q?a?= \xc3\xbc"))->bytes, "a \xc3\xbc");
  EXPECT_EQ(encoded_text("folded\r\n\ttext"), "folded text");
}

TEST(EncodedWord, APhraseIsWrittenTheShortestSafeWay) {
  EXPECT_EQ(phrase("Cron Daemon"), "Cron Daemon");
  EXPECT_EQ(phrase("(Cron Daemon)"), "\"(Cron Daemon)\"");
  EXPECT_EQ(phrase("John Q. Public"), "\"John Q. Public\"");
  EXPECT_EQ(phrase("a \"b\" \\c"), "\"a \\\"b\\\" \\\\c\"");
  EXPECT_EQ(phrase("a@b.c"), "\"a@b.c\"");
  EXPECT_EQ(phrase(kJuergen), "=?UTF-8?B?SsO8cmdlbg==?=");
  EXPECT_EQ(phrase("=?utf-8?Q?J=C3=BCrgen?= M."), "=?utf-8?Q?J=C3=BCrgen?= \"M.\"");
  EXPECT_EQ(phrase("\xc4\xe3\xba\xc3", "gb2312"), "=?gb2312?B?xOO6ww==?=");
  EXPECT_EQ(phrase("\xc4\xe3\xba\xc3", "no charset"), "=?unknown-8bit?B?xOO6ww==?=");
  EXPECT_EQ(phrase(""), "");
}

TEST(EncodedWord, AQWordWhoseTextWouldEndAPhraseIsWrittenAnew) {
  EXPECT_EQ(phrase("=?utf-8?Q?Team:_A?="), "=?utf-8?B?VGVhbTogQQ==?=");
  EXPECT_EQ(phrase("=?utf-8?Q?a,b?= =?utf-8?Q?c=2Cd?="), "=?utf-8?B?YSxi?= =?utf-8?Q?c=2Cd?=");
}

TEST(EncodedWord, APhraseHasPlacesToFold) {
  for (std::string_view word : split(phrase(std::string(300, 'x')), ' ')) EXPECT_LE(word.size(), 100u);
}

}  // namespace
}  // namespace mailchute
