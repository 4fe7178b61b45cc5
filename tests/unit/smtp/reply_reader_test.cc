#include "smtp/reply_reader.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/limits.h"
#include "unit/split.h"

namespace mailchute {
namespace {

/// All replies in `pieces`; a fault ends the list as code -1.
std::vector<Reply> read_all(const test::Pieces& pieces) {
  ReplyReader reader;
  std::vector<Reply> replies;
  for (std::string_view piece : pieces) {
    reader.receive(piece);
    while (auto next = reader.next()) {
      if (!*next) {
        replies.push_back({-1, "", next->error().text});
        return replies;
      }
      replies.push_back(std::move(**next));
    }
  }
  return replies;
}

void expect_replies(std::string_view script, const std::vector<Reply>& expected) {
  test::for_every_split(script, [&](const test::Pieces& pieces) { EXPECT_EQ(read_all(pieces), expected); });
}

void expect_fault(std::string_view script) {
  test::for_every_split(script, [](const test::Pieces& pieces) {
    const auto replies = read_all(pieces);
    ASSERT_FALSE(replies.empty());
    EXPECT_EQ(replies.back().code, -1);
  });
}

void expect_nothing(std::string_view script) {
  test::for_every_split(script, [](const test::Pieces& pieces) { EXPECT_TRUE(read_all(pieces).empty()); });
}

TEST(ReplyReader, ReadsOneReply) { expect_replies("250 OK\r\n", {{250, "", "OK"}}); }

TEST(ReplyReader, ReadsRepliesThatCameTogetherOneByOne) {
  expect_replies("250 a\r\n550-5.1.1 b\r\n550 5.1.1 c\r\n354 d\r\n",
                 {{250, "", "a"}, {550, "5.1.1", "b\nc"}, {354, "", "d"}});
}

TEST(ReplyReader, ReadsABareCode) { expect_replies("220\r\n", {{220, "", ""}}); }

TEST(ReplyReader, ReadsABareCodeAsTheLastOfManyLines) {
  expect_replies("553-x\r\n553\r\n", {{553, "", "x\n"}});
}

TEST(ReplyReader, ReadsABannerOfAHundredLines) {
  std::string banner;
  for (int i = 0; i < 99; ++i) banner += "220-line\r\n";
  ReplyReader reader;

  reader.receive(banner + "220 end\r\n");

  const auto reply = reader.next();
  ASSERT_TRUE(reply && *reply);
  EXPECT_EQ((*reply)->code, 220);
  EXPECT_EQ((*reply)->text.size(), 99 * 5 + 3u);
  EXPECT_TRUE(reader.unread().empty());
}

TEST(ReplyReader, TakesTheEnhancedCodeOffEveryLine) {
  expect_replies("535-5.7.8 Username and Password\r\n535 5.7.8 not accepted\r\n",
                 {{535, "5.7.8", "Username and Password\nnot accepted"}});
}

TEST(ReplyReader, KeepsAnEnhancedCodeThatOnlyTheFirstLineHas) {
  expect_replies("550-5.1.1 no such user\r\n550 see the manual\r\n",
                 {{550, "5.1.1", "no such user\nsee the manual"}});
}

TEST(ReplyReader, AnEnhancedCodeThatContradictsTheCodeLeavesNoneStanding) {
  expect_replies("250-2.1.0 ok\r\n250 5.1.1 no\r\n", {{250, "", "ok\nno"}});
}

TEST(ReplyReader, WhatOnlyLooksLikeAnEnhancedCodeIsText) {
  expect_replies("250 2.\r\n", {{250, "", "2."}});
  expect_replies("550 5.999999.1 x\r\n", {{550, "", "5.999999.1 x"}});
  expect_replies("550 5.7 x\r\n", {{550, "", "5.7 x"}});
  expect_replies("550 3.1.1 x\r\n", {{550, "", "3.1.1 x"}});
  expect_replies("550 5.1.1x\r\n", {{550, "", "5.1.1x"}});
}

TEST(ReplyReader, ReadsAnEnhancedCodeWithoutText) { expect_replies("250 2.0.0\r\n", {{250, "2.0.0", ""}}); }

TEST(ReplyReader, EveryEndOfLineIsOneEndOfLine) {
  expect_replies("250 ok\n250 ok\r\r\n250 ok\r\n", {{250, "", "ok"}, {250, "", "ok"}, {250, "", "ok"}});
}

TEST(ReplyReader, ALineSmuggledBehindABareLineFeedIsAFault) { expect_fault("250-ok\nqueue: delivered\r\n"); }

TEST(ReplyReader, TextMayBeAnyBytes) {
  const std::string odd("\0\x1b\x85\xff{}%s<script>", 15);
  expect_replies("550 " + odd + "\r\n", {{550, "", odd}});
}

TEST(ReplyReader, ReadsCodesOfEveryClass) {
  expect_replies("199 a\r\n354 b\r\n999 c\r\n", {{199, "", "a"}, {354, "", "b"}, {999, "", "c"}});
}

TEST(ReplyReader, WhatIsNoReplyIsAFault) {
  for (const char* script : {"abc\r\n", "\r\n", "22\r\n", "2200 x\r\n", "22x y\r\n", "250x\r\n",
                             " 250 ok\r\n", "000 x\r\n", "553-\r\n\r\n", "HTTP/1.1 400 Bad Request\r\n"})
    expect_fault(script);
}

TEST(ReplyReader, LinesOfDifferentCodesAreAFault) { expect_fault("250-a\r\n550 b\r\n"); }

TEST(ReplyReader, AFaultRemains) {
  ReplyReader reader;
  reader.receive("nonsense\r\n");
  ASSERT_TRUE(reader.next());

  reader.receive("250 OK\r\n");

  const auto next = reader.next();
  ASSERT_TRUE(next);
  EXPECT_FALSE(*next);
}

TEST(ReplyReader, AnUnfinishedReplyIsNoReply) {
  expect_nothing("250 OK");
  expect_nothing("250 OK\r");
  expect_nothing("250-OK\r\n");
  expect_nothing("250-a\r\n250-b\r\n25");
}

TEST(ReplyReader, ShowsWhatIsUnread) {
  ReplyReader reader;
  reader.receive("250 OK\r\n55");

  ASSERT_TRUE(reader.next());

  EXPECT_EQ(reader.unread(), "55");
}

TEST(ReplyReader, CutsALongLine) {
  ReplyReader reader;
  reader.receive("550 " + std::string(limits::kReplyLineBytes + 500, 'x') + "\r\n");

  const auto reply = reader.next();

  ASSERT_TRUE(reply && *reply);
  EXPECT_EQ((*reply)->text.size(), limits::kReplyLineBytes);
}

TEST(ReplyReader, AnEndlessLineIsAFault) {
  ReplyReader reader;
  std::size_t fed = 0;
  while (!reader.next()) {
    reader.receive(std::string(1000, '2'));
    fed += 1000;
    ASSERT_LE(fed, limits::kReplyBytes + 2000);
  }
  EXPECT_FALSE(*reader.next());
}

TEST(ReplyReader, AnEndlessReplyIsAFault) {
  ReplyReader reader;
  std::size_t lines = 0;
  while (!reader.next()) {
    reader.receive("250-\r\n");
    ASSERT_LE(++lines, limits::kReplyLines + 1);
  }
  EXPECT_FALSE(*reader.next());
}

TEST(ReplyReader, AThousandRepliesInOneReadAreRead) {
  ReplyReader reader;
  std::string script;
  for (int i = 0; i < 1000; ++i) script += "250 ok\r\n";
  reader.receive(script);

  int replies = 0;
  while (auto next = reader.next()) replies += *next ? 1 : 0;

  EXPECT_EQ(replies, 1000);
}

}  // namespace
}  // namespace mailchute
