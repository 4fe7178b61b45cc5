#include "base/text.h"

#include <gtest/gtest.h>

#include <string>

namespace mailchute {
namespace {

using namespace std::string_literals;

WallTime at_seconds(long long seconds) { return WallTime(std::chrono::seconds(seconds)); }

TEST(Text, LowerTouchesAsciiLettersOnly) {
  EXPECT_EQ(lower("MiXeD 09 @[`{"), "mixed 09 @[`{");
  EXPECT_EQ(lower("\xC3\x84"), "\xC3\x84");
}

TEST(Text, ComparesWithoutCase) {
  EXPECT_TRUE(equal_nocase("Message-ID", "message-id"));
  EXPECT_FALSE(equal_nocase("Message-ID", "message-i"));
  EXPECT_TRUE(equal_nocase("", ""));
  EXPECT_TRUE(starts_nocase("MAIL FROM:", "mail "));
  EXPECT_FALSE(starts_nocase("MA", "mail"));
}

TEST(Text, TrimTakesBlanksAndTabsButNoLineEnds) {
  EXPECT_EQ(trim(" \t a b \t"), "a b");
  EXPECT_EQ(trim(" \t"), "");
  EXPECT_EQ(trim("\r\na"), "\r\na");
}

TEST(Text, SplitKeepsEmptyParts) {
  EXPECT_EQ(split("", ',').size(), 1u);
  EXPECT_EQ(split(",a,", ','), (std::vector<std::string_view>{"", "a", ""}));
}

TEST(Text, UnsignedNumbersAreDigitsAndFit) {
  EXPECT_EQ(parse_unsigned("0"), 0u);
  EXPECT_EQ(parse_unsigned("18446744073709551615"), UINT64_MAX);
  for (const char* wrong :
       {"", "-1", "+1", " 1", "1 ", "1e9", "0x1", "18446744073709551616", "99999999999999999999"})
    EXPECT_FALSE(parse_unsigned(wrong)) << wrong;
}

TEST(Printable, LeavesWhatAPersonCanRead) {
  EXPECT_EQ(printable("plain text 123"), "plain text 123");
  EXPECT_EQ(printable("\xE7\x94\xA8\xE6\x88\xB7"), "\xE7\x94\xA8\xE6\x88\xB7");
}

TEST(Printable, ShowsWhatWouldMoveACursorOrTurnTheTextAround) {
  EXPECT_EQ(printable("a\r\nb\x1B[2J\0c"s), "a\\x0d\\x0ab\\x1b[2J\\x00c");
  EXPECT_EQ(printable("\x7F"), "\\x7f");
  EXPECT_EQ(printable("\xC2\x85"), "\\xc2\\x85");
  EXPECT_EQ(printable("\xE2\x80\xAE"), "\\xe2\\x80\\xae");
  EXPECT_EQ(printable("\xFF\xC0\xAF"), "\\xff\\xc0\\xaf");
}

TEST(Printable, DoublesABackslashSoThatNoEscapeCanBeForged) { EXPECT_EQ(printable("\\x0a"), "\\\\x0a"); }

TEST(Printable, NeverPassesItsBoundWhateverTheBytes) {
  const std::string texts[] = {std::string(40, 'a'), std::string(40, '\x01'),
                               "\xEF\xBB\xBF\xEF\xBB\xBF\xEF\xBB\xBF",
                               "ab\xE2\x80\xAE\xE7\x94\xA8\\\\\\\xC2\x85"};
  for (const std::string& text : texts)
    for (std::size_t bound = 0; bound < 60; ++bound) EXPECT_LE(printable(text, bound).size(), bound) << bound;
}

TEST(Printable, CutsOnlyWhatDoesNotFit) {
  EXPECT_EQ(printable("0123456789", 10), "0123456789");
  EXPECT_EQ(printable("0123456789A", 10), "0123456...");
  EXPECT_EQ(printable("\xE7\x94\xA8\xE6\x88\xB7", 6), "\xE7\x94\xA8\xE6\x88\xB7");
  EXPECT_EQ(printable("\xE7\x94\xA8\xE6\x88\xB7x", 6), "\xE7\x94\xA8...");
}

TEST(Utf8, RefusesOverlongFormsSurrogatesAndStrayBytes) {
  EXPECT_TRUE(valid_utf8("a\xC3\xA4\xE7\x94\xA8\xF0\x9F\x93\xAC"));
  for (const char* wrong : {"\x80", "\xC3", "\xC0\xAF", "\xE0\x80\xAF", "\xED\xA0\x80", "\xF4\x90\x80\x80",
                            "\xF8\x88\x80\x80\x80"})
    EXPECT_FALSE(valid_utf8(wrong)) << printable(wrong);
}

TEST(Base64, KnowsTheVectorsOfTheStandard) {
  const std::pair<const char*, const char*> vectors[] = {{"", ""},
                                                         {"f", "Zg=="},
                                                         {"fo", "Zm8="},
                                                         {"foo", "Zm9v"},
                                                         {"foob", "Zm9vYg=="},
                                                         {"fooba", "Zm9vYmE="},
                                                         {"foobar", "Zm9vYmFy"}};
  for (const auto& [bytes, text] : vectors) {
    EXPECT_EQ(base64_encode(bytes), text);
    EXPECT_EQ(base64_decode(text), bytes);
  }
}

TEST(Base64, EveryByteComesBack) {
  std::string bytes;
  for (int byte = 0; byte < 256; ++byte) {
    bytes += static_cast<char>(byte);
    EXPECT_EQ(base64_decode(base64_encode(bytes)), bytes);
  }
}

TEST(Base64, RefusesWhatIsNotExactlyIt) {
  for (const char* wrong :
       {"Zg", "Zg=", "Zg===", "====", "A===", "=AAA", "Zm 9", "Zm9v\n", "Zh==", "Zm9=", "Zm_v", "Zg==Zg=="})
    EXPECT_FALSE(base64_decode(wrong)) << wrong;
}

TEST(Times, AreWrittenInUtc) {
  EXPECT_EQ(rfc3339(at_seconds(0)), "1970-01-01T00:00:00Z");
  EXPECT_EQ(rfc3339(at_seconds(1772366400)), "2026-03-01T12:00:00Z");
  EXPECT_EQ(rfc5322_date(at_seconds(1772366400)), "Sun, 01 Mar 2026 12:00:00 +0000");
  EXPECT_EQ(rfc5322_date(at_seconds(2147483648)), "Tue, 19 Jan 2038 03:14:08 +0000");
}

TEST(Pattern, AStarMatchesAnyRun) {
  EXPECT_TRUE(matches_pattern("*@corp.example", "a@CORP.example"));
  EXPECT_TRUE(matches_pattern("*", ""));
  EXPECT_TRUE(matches_pattern("a*b*c", "aXbYbZc"));
  EXPECT_FALSE(matches_pattern("a*b*c", "aXbYbZ"));
  EXPECT_FALSE(matches_pattern("", "a"));
  EXPECT_FALSE(matches_pattern("a?c", "abc"));
}

TEST(Pattern, ManyStarsStayCheap) {
  std::string pattern;
  for (int i = 0; i < 300; ++i) pattern += "a*";
  EXPECT_FALSE(matches_pattern(pattern + "b", std::string(4000, 'a')));
}

TEST(Text, AJsonStringHoldsWhateverItIsGiven) {
  EXPECT_EQ(json_quoted(""), "\"\"");
  EXPECT_EQ(json_quoted("say \"hi\" \\ bye"), "\"say \\\"hi\\\" \\\\ bye\"");
  EXPECT_EQ(json_quoted(std::string("a\n\t\0b", 5)), "\"a\\u000a\\u0009\\u0000b\"");
  EXPECT_EQ(json_quoted("密码"), "\"密码\"");
  EXPECT_EQ(json_quoted("caf\xe9"), "\"caf\\\\xe9\"");
}

}  // namespace
}  // namespace mailchute
