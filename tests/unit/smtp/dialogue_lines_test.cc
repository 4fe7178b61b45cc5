#include "smtp/dialogue_lines.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace mailchute {
namespace {

using Lines = std::vector<std::string>;

std::string joined(const Lines& lines) {
  std::string text;
  for (const std::string& line : lines) text += line + "|";
  return text;
}

/// A conversation of which every line that came out is kept.
class Conversation {
 public:
  Conversation& server(std::string_view bytes) { return add(lines_.server(bytes)); }
  Conversation& client(std::string_view bytes) { return add(lines_.client(bytes)); }
  /// A byte at a time.
  Conversation& slow_client(std::string_view bytes) {
    for (const char byte : bytes) client(std::string_view(&byte, 1));
    return *this;
  }
  const std::string& text() const { return text_; }

 private:
  Conversation& add(const Lines& lines) {
    text_ += joined(lines);
    return *this;
  }
  DialogueLines lines_;
  std::string text_;
};

TEST(DialogueLines, ShowCommandsAndRepliesAndNothingOfTheContent) {
  Conversation talk;
  talk.server("220 x\r\n").client("EHLO c\r\n").server("250-x\r\n250 SIZE 10\r\n");
  talk.client("MAIL FROM:<a@b>\r\n").server("250 ok\r\n").client("RCPT TO:<c@d>\r\n").server("250 ok\r\n");
  talk.client("DATA\r\n")
      .server("354 go\r\n")
      .client("Subject: secret\r\n\r\nQUIT\r\nHELP me\r\n..\r\n.\r\nQUIT\r\n");
  talk.server("250 ok\r\n221 bye\r\n");

  EXPECT_EQ(talk.text(),
            "220 x|EHLO c|250-x|250 SIZE 10|MAIL FROM:<a@b>|250 ok|RCPT TO:<c@d>|250 ok|DATA|354 go|QUIT|250 "
            "ok|221 bye|");
}

TEST(DialogueLines, AreTheSameHoweverTheBytesAreSplit) {
  Conversation talk;
  talk.server("220 x\r\n").slow_client("MAIL FROM:<a@b>\r\nDATA\r\n").server("250 ok\r\n354 go\r\n");
  talk.slow_client("secret\r\n\r.\r\n\n.\n\r\n.\r\nRSET\r\n");
  EXPECT_EQ(talk.text(), "220 x|MAIL FROM:<a@b>|DATA|250 ok|354 go|RSET|");
}

TEST(DialogueLines, ContentEndsAtItsTrueEndAlone) {
  for (const char* false_end :
       {"\n.\n", "\r.\r", "\n.\r\n", "\r\n.\n", "\r\n.\r\r\n", "\r\n..\r\n", "\r\n.x\r\n"}) {
    Conversation talk;
    talk.server("220 x\r\n").client("DATA\r\n").server("354 go\r\n");
    talk.client(std::string("secret") + false_end + "MAIL FROM:<smug@s>\r\n").client("\r\n.\r\nNOOP\r\n");
    EXPECT_EQ(talk.text(), "220 x|DATA|354 go|NOOP|");
  }
  Conversation empty;
  empty.server("220 x\r\n").client("DATA\r\n").server("354 go\r\n").client(".\r\nNOOP\r\n");
  EXPECT_EQ(empty.text(), "220 x|DATA|354 go|NOOP|");
}

TEST(DialogueLines, PipelinedRepliesAreCountedToTheOneOfData) {
  Conversation talk;
  talk.server("220 x\r\n").client("MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nRCPT TO:<e@f>\r\nDATA\r\n");
  talk.server("250 ok\r\n550 no\r\n250 ok\r\n").client("secret before the answer\r\n");
  talk.server("354 go\r\n").client("secret\r\n.\r\nNOOP\r\n");
  EXPECT_EQ(talk.text().find("secret"), std::string::npos) << talk.text();
  EXPECT_TRUE(talk.text().ends_with("354 go|NOOP|")) << talk.text();

  Conversation refused;
  refused.server("220 x\r\n")
      .client("RCPT TO:<c@d>\r\nDATA\r\n")
      .server("550 no\r\n554 no\r\n")
      .client("RSET\r\n");
  EXPECT_TRUE(refused.text().ends_with("554 no|RSET|")) << refused.text();
}

TEST(DialogueLines, WhoDoesNotWaitForTheAnswerToDataShowsNothing) {
  Conversation talk;
  talk.server("220 x\r\n").client("DATA\r\nHELP secret\r\n.\r\n").server("554 no\r\n");
  EXPECT_EQ(talk.text(), "220 x|DATA|554 no|");
}

TEST(DialogueLines, CredentialsAreReplacedByAMark) {
  Conversation talk;
  talk.server("220 x\r\n").client("AUTH PLAIN AHNlY3JldAA=\r\n").server("535 no\r\n");
  talk.client("auth login\r\n")
      .server("334 VXNlcm5hbWU6\r\n")
      .client("c2VjcmV0\r\n")
      .server("334 UGFzc3dvcmQ6\r\n");
  talk.client("c2VjcmV0\r\n").server("235 ok\r\n").client("NOOP\r\n");
  EXPECT_EQ(talk.text(),
            "220 x|AUTH PLAIN (not shown)|535 no|AUTH login|334 VXNlcm5hbWU6|(not shown)|334 "
            "UGFzc3dvcmQ6|(not shown)|"
            "235 ok|NOOP|");
}

TEST(DialogueLines, WhatIsNoCommandIsToldByItsSize) {
  Conversation talk;
  talk.server("220 x\r\n")
      .client("AUTH LOGIN\r\n")
      .server("503 no\r\n")
      .client("c2VjcmV0\r\nsecret: yes\r\n");
  EXPECT_EQ(talk.text(),
            "220 x|AUTH LOGIN|503 no|(8 bytes that are no command)|(11 bytes that are no command)|");
}

TEST(DialogueLines, ChunksAreContentToo) {
  Conversation talk;
  talk.server("220 x\r\n").client("BDAT 8\r\nHELP\r\nxxBDAT 6 LAST\r\nQUIT\r\nNOOP\r\n").server("250 ok\r\n");
  EXPECT_EQ(talk.text(), "220 x|BDAT 8|BDAT 6 LAST|NOOP|250 ok|");
}

TEST(DialogueLines, AnEndlessLineIsBounded) {
  DialogueLines lines;
  const std::string much(100'000, 'x');
  EXPECT_TRUE(lines.server("250 " + much).empty());
  const Lines shown = lines.server(much + "\r\n");
  ASSERT_EQ(shown.size(), 1U);
  EXPECT_LE(shown[0].size(), 512U);
}

}  // namespace
}  // namespace mailchute
