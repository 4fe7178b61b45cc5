// The session while content goes out.
#include "smtp/client_session.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/limits.h"
#include "unit/smtp/upstream_play.h"
#include "unit/split.h"

namespace mailchute {
namespace {

using namespace client_event;
using test::at_content;
using test::at_final_dot;
using test::codes;
using test::message_for;
using test::ready_play;

TEST(ClientContent, ARefusalInTheMiddleOfContentDecides) {
  test::for_every_split("552-5.3.4 too\r\n552 5.3.4 big\r\n", [](const test::Pieces& pieces) {
    auto play = at_content();
    play.session.content("x\r\n");
    play.heard();

    for (std::string_view piece : pieces) EXPECT_EQ(play.says(piece), "");

    const auto finished = play.take<Finished>();
    EXPECT_EQ(finished.answers.at(0).stage, Stage::Body);
    EXPECT_EQ(finished.answers.at(0).reply, (Reply{552, "5.3.4", "too\nbig"}));
    EXPECT_FALSE(finished.final_dot_sent);
    EXPECT_EQ(play.take<Failed>().reply.code, 552);
    play.session.content("late\r\n");
    play.session.content_end();
    EXPECT_EQ(play.heard(), "");
  });
}

TEST(ClientContent, ContentThatIsNotCanonicalIsNeverEnded) {
  for (const std::string_view content :
       {std::string_view("a\n.\nb\r\n"), std::string_view("a\r.\rb"), std::string_view("a\0\r\n", 4)}) {
    auto play = at_content();

    play.session.content(content);
    play.session.content_end();

    EXPECT_EQ(play.heard(), "");
    const auto finished = play.take<Finished>();
    EXPECT_EQ(finished.answers.at(0).stage, Stage::Body);
    EXPECT_EQ(codes(finished), std::vector<int>{0});
    play.take<Failed>();
  }
}

TEST(ClientContent, ContentThatCannotBeReadIsNeverEnded) {
  auto play = at_content();
  play.session.content("half\r\n");

  play.session.content_broken("the queue cannot be read");

  EXPECT_EQ(play.heard(), "");
  const auto finished = play.take<Finished>();
  EXPECT_EQ(finished.answers.at(0).stage, Stage::Body);
  EXPECT_EQ(finished.answers.at(0).reply.text, "the queue cannot be read");
  play.take<Failed>();
}

TEST(ClientContent, LargeMessagesGoInChunksWhereOffered) {
  auto play = ready_play("PIPELINING,CHUNKING");
  play.session.send(message_for({"b", "c"}, 200'000));
  EXPECT_EQ(play.heard(), "MAIL FROM:<a@s.test>\r\nRCPT TO:<b@r.test>\r\nRCPT TO:<c@r.test>\r\n");
  play.says("250 ok\r\n250 ok\r\n550 no\r\n");
  play.take<ContentWanted>();

  const std::string line = "." + std::string(97, 'x') + "\r\n";
  std::string first;
  while (first.size() < limits::kChunkBytes) first += line;
  play.session.content(first);
  EXPECT_EQ(play.heard(), "BDAT " + std::to_string(first.size()) + "\r\n" + first);
  play.session.content("end");
  EXPECT_EQ(play.heard(), "");
  play.session.content_end();
  EXPECT_EQ(play.heard(), "BDAT 5 LAST\r\nend\r\n");

  EXPECT_EQ(play.says("250 chunk\r\n250 2.0.0 queued\r\n"), "");
  const auto finished = play.take<Finished>();
  EXPECT_EQ(codes(finished), (std::vector<int>{250, 550}));
  EXPECT_TRUE(finished.final_dot_sent);
  play.take<Ready>();
}

TEST(ClientContent, ChunksAreForLargeMessagesOverPipelining) {
  for (const char* offers : {"CHUNKING", "PIPELINING,CHUNKING"}) {
    auto play = ready_play(offers);
    play.session.send(message_for({"b"}, limits::kChunkBytes - 1));
    std::string said = play.heard();
    said += play.says("250 ok\r\n");
    said += play.says("250 ok\r\n");
    EXPECT_TRUE(said.ends_with("DATA\r\n"));
  }
}

TEST(ClientContent, ARefusedChunkDecides) {
  auto play = ready_play("PIPELINING,CHUNKING");
  play.session.send(message_for({"b"}, 200'000));
  play.heard();
  play.says("250 ok\r\n250 ok\r\n");
  play.take<ContentWanted>();
  std::string content;
  while (content.size() < limits::kChunkBytes) content += "x\r\n";
  play.session.content(content);
  play.heard();

  play.says("452 4.3.1 full\r\n");

  const auto finished = play.take<Finished>();
  EXPECT_EQ(codes(finished), std::vector<int>{452});
  EXPECT_EQ(finished.answers.at(0).stage, Stage::Body);
  play.take<Failed>();
}

TEST(ClientContent, ChunkedMailForNobodyIsReset) {
  auto play = ready_play("PIPELINING,CHUNKING");
  play.session.send(message_for({"b"}, 200'000));
  play.heard();

  EXPECT_EQ(play.says("250 ok\r\n550 no\r\n"), "RSET\r\n");

  EXPECT_EQ(codes(play.take<Finished>()), std::vector<int>{550});
}

}  // namespace
}  // namespace mailchute
