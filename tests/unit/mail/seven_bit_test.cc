#include "mail/seven_bit.h"

#include <gtest/gtest.h>

#include <string>

#include "base/text.h"
#include "mail/xtext.h"

namespace mailchute {
namespace {

TEST(SevenBit, IsPrintableAsciiInLinesOfBoundedLength) {
  EXPECT_TRUE(is_seven_bit("a\tb\r\n\r\nc"));
  EXPECT_TRUE(is_seven_bit(std::string(998, 'x') + "\r\n" + std::string(998, 'x')));
  EXPECT_FALSE(is_seven_bit(std::string(999, 'x')));
  for (const char* text : {"\xC3\xA4", "a\nb", "a\rb", "\x1B", "\x7F"})
    EXPECT_FALSE(is_seven_bit(text)) << text;
}

TEST(QuotedPrintable, LeavesAsciiReadable) {
  EXPECT_EQ(quoted_printable("plain text\r\n\r\nmore"), "plain text\r\n\r\nmore");
  EXPECT_EQ(quoted_printable("a=b"), "a=3Db");
  EXPECT_EQ(quoted_printable("\xC3\xA4\r\n"), "=C3=A4\r\n");
  EXPECT_EQ(quoted_printable("blank \r\ntab\t"), "blank=20\r\ntab=09");
  EXPECT_EQ(quoted_printable("a\rb\nc"), "a=0Db=0Ac");
}

TEST(QuotedPrintable, LinesStayWithin76Bytes) {
  const std::string encoded = quoted_printable(std::string(1000, 'x') + std::string(1000, '\xE7'));

  EXPECT_TRUE(is_seven_bit(encoded));
  for (std::size_t at = 0, end = 0; (end = encoded.find("\r\n", at)) != std::string::npos; at = end + 2) {
    EXPECT_LE(end - at, 76u);
    EXPECT_EQ(encoded[end - 1], '=');
  }
}

TEST(EncodedWords, LeaveAsciiAlone) {
  EXPECT_EQ(encoded_words("plain", 100), "plain");
  EXPECT_EQ(encoded_words("=?UTF-8?B?w6Q=?=", 100), "=?UTF-8?B?w6Q=?=");
  EXPECT_EQ(encoded_words("a\r\nb", 100), "a??b");
}

TEST(EncodedWords, CarryUtf8InWordsOfBoundedLengthThatHoldWholeCharacters) {
  std::string text;
  for (int i = 0; i < 40; ++i) text += "\xE7\x94\xA8";

  const std::string encoded = encoded_words(text, 1000);

  std::string decoded;
  for (std::string_view word : split(encoded, ' ')) {
    ASSERT_LE(word.size(), 75u);
    ASSERT_TRUE(word.starts_with("=?UTF-8?B?") && word.ends_with("?="));
    const auto bytes = base64_decode(word.substr(10, word.size() - 12));
    ASSERT_TRUE(bytes && valid_utf8(*bytes));
    decoded += *bytes;
  }
  EXPECT_EQ(decoded, text);
}

TEST(EncodedWords, BytesOfAnUnknownCharsetAreNotClaimedToBeUtf8) {
  EXPECT_EQ(encoded_words("a\xD3\xC3", 100), "a??");
}

TEST(EncodedWords, AreBounded) { EXPECT_EQ(encoded_words(std::string(300, 'x'), 200).size(), 200u); }

TEST(AsciiLine, ShowsAnyBytesOnOneLine) {
  EXPECT_EQ(ascii_line("a\nb\x1B\xFF\xC3\xA4\\", 100), "a b\\x1b\\xff\\xc3\\xa4\\\\");
}

TEST(AsciiLine, IsBounded) {
  for (std::size_t bound = 3; bound < 40; ++bound)
    EXPECT_LE(ascii_line("\xE7\x94\xA8 and more words than fit in it", bound).size(), bound);
}

TEST(Xtext, DecodesHexPairsAndNothingElse) {
  EXPECT_EQ(xtext_decode("bob+2Bx@example.org"), "bob+x@example.org");
  EXPECT_EQ(xtext_decode(""), "");
  EXPECT_EQ(xtext_decode("+0A"), "\n");
  for (const char* text : {"+", "+2", "+2b", "+G0", "a=b", "a b", "\xC3\xA4", "a\x7F"})
    EXPECT_FALSE(xtext_decode(text)) << text;
}

}  // namespace
}  // namespace mailchute
