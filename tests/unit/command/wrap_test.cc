#include "command/wrap.h"

#include <gtest/gtest.h>

#include "base/text.h"
#include "command/table.h"

namespace mailchute {
namespace {

void expect_no_wider(const std::string& text, std::size_t screen) {
  for (const std::string_view line : split(text, '\n')) EXPECT_LE(display_width(line), screen) << line;
}

TEST(Wrapped, SentencesBreakAtBlanks) {
  EXPECT_EQ(wrapped("Next  ", "one two three four", 6, 14),
            "Next  one two\n"
            "      three\n"
            "      four\n");
}

TEST(Wrapped, WithoutAScreenNothingIsBroken) {
  EXPECT_EQ(wrapped("", std::string(300, 'x') + " y", 2, 0), std::string(300, 'x') + " y\n");
}

TEST(Wrapped, AWordThatIsTooWideStaysWhole) {
  EXPECT_EQ(wrapped("", "a " + std::string(30, 'x') + " b", 2, 10),
            "a\n  " + std::string(30, 'x') + "\n  b\n");
}

TEST(Wrapped, ChineseBreaksBetweenCharactersButNotBeforeAMark) {
  const std::string text = wrapped("", "邮件在等待，不会丢失。mailchute reload 会马上重试。", 2, 12);

  expect_no_wider(text, 14);  // a mark may stand beyond the edge, a line never begins with one
  EXPECT_EQ(text.find("\n  ，"), std::string::npos) << text;
  EXPECT_EQ(text.find("\n  。"), std::string::npos) << text;
  EXPECT_NE(text.find("mailchute"), std::string::npos) << text;
}

TEST(Wrapped, LineEndsInTheTextStay) {
  EXPECT_EQ(wrapped("To type  ", "one\ntwo", 9, 40), "To type  one\n         two\n");
}

}  // namespace
}  // namespace mailchute
