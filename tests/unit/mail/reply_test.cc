#include "mail/reply.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "base/limits.h"

namespace mailchute {
namespace {

using namespace std::string_literals;

TEST(ReplyLine, IsCodeStatusAndText) {
  EXPECT_EQ(reply_line({550, "5.1.1", "no such user"}), "550 5.1.1 no such user");
  EXPECT_EQ(reply_line({250, "", "ok"}), "250 ok");
  EXPECT_EQ(reply_line({250, "", ""}), "250");
  EXPECT_EQ(reply_line({0, "", "connection refused"}), "connection refused");
  EXPECT_EQ(reply_line({}), "");
}

TEST(ReplyLine, JoinsTheLinesOfAReply) {
  EXPECT_EQ(reply_line({550, "", "first\nsecond"}), "550 first second");
}

TEST(ReplyLine, ShowsGbkAsTextAndOtherBytesAsTheyAre) {
  const std::string words = "\xc7\xeb\xca\xb9\xd3\xc3\xca\xda\xc8\xa8\xc2\xeb\xb5\xc7\xc2\xbc";

  EXPECT_EQ(reply_line({535, "", "Error: " + words}), "535 Error: 请使用授权码登录");
  EXPECT_EQ(reply_line({535, "", words + "\xa1"}), "535 请使用授权码登录\\xa1");
  EXPECT_EQ(reply_line({535, "", "请使用"}), "535 请使用");
  EXPECT_EQ(reply_line({535, "", "caf\xe9"}), "535 caf\\xe9");
}

TEST(ReplyLine, C036WhatAServerSaysCannotStartALineOrMoveACursor) {
  const std::string line = reply_line({550, "5.0.0", "a\r\x1B[2J\0\xFF\nqueue: delivered"s});

  EXPECT_EQ(line, "550 5.0.0 a\\x0d\\x1b[2J\\x00\\xff queue: delivered");
}

TEST(ReplyLine, IsBounded) {
  EXPECT_EQ(reply_line({550, "", std::string(100'000, 'x')}).size(), limits::kReplyKeptBytes);
}

TEST(Reply, ClassesAreThoseOfTheFirstDigit) {
  EXPECT_TRUE((Reply{250, "", ""}).positive());
  EXPECT_TRUE((Reply{354, "", ""}).intermediate());
  EXPECT_TRUE((Reply{421, "", ""}).transient());
  EXPECT_TRUE((Reply{599, "", ""}).permanent());
  EXPECT_FALSE((Reply{0, "", ""}).permanent());
  EXPECT_FALSE((Reply{600, "", ""}).permanent());
}

TEST(StageName, EveryStageHasItsOwn) {
  std::set<std::string> names;
  for (int stage = 0; stage <= static_cast<int>(Stage::Quit); ++stage)
    names.insert(stage_name(static_cast<Stage>(stage)));

  EXPECT_EQ(names.size(), 15u);
  EXPECT_EQ(names.count("unknown"), 0u);
  EXPECT_STREQ(stage_name(Stage::FinalDot), "final_dot");
}

}  // namespace
}  // namespace mailchute
