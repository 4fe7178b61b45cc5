#include "smtp/body_writer.h"

#include <gtest/gtest.h>

#include <string>

#include "unit/split.h"

namespace mailchute {
namespace {

Result<std::string> written(BodyWriter::Dots dots, const test::Pieces& pieces) {
  BodyWriter writer(dots);
  std::string out;
  for (std::string_view piece : pieces) TRY_VOID(writer.write(piece, out));
  TRY_VOID(writer.finish(out));
  return out;
}

void expect_stuffed(std::string_view content, std::string_view wire) {
  test::for_every_split(content, [&](const test::Pieces& pieces) {
    const auto out = written(BodyWriter::Dots::Stuffed, pieces);
    ASSERT_TRUE(out) << out.error().text;
    EXPECT_EQ(*out, wire);
  });
}

TEST(BodyWriter, EndsABodyWithALoneDot) {
  expect_stuffed("a: b\r\n\r\nhello\r\n", "a: b\r\n\r\nhello\r\n.\r\n");
}

TEST(BodyWriter, AnEmptyMessageIsALoneDot) { expect_stuffed("", ".\r\n"); }

TEST(BodyWriter, StuffsADotAtTheVeryBeginning) { expect_stuffed(".x\r\n", "..x\r\n.\r\n"); }

TEST(BodyWriter, StuffsEveryLineThatBeginsWithADot) {
  expect_stuffed(".\r\n.\r\n..\r\nx.\r\n", "..\r\n..\r\n...\r\nx.\r\n.\r\n");
}

TEST(BodyWriter, AddsAMissingFinalLineEndOnce) {
  expect_stuffed("x", "x\r\n.\r\n");
  expect_stuffed(".", "..\r\n.\r\n");
  expect_stuffed("x\r\n", "x\r\n.\r\n");
}

TEST(BodyWriter, StuffsDotsAroundTheEdgesOfBlocks) {
  for (const std::size_t block : {4096u, 8192u, 16384u}) {
    for (std::size_t line = block - 4; line <= block + 2; ++line) {
      const std::string first(line, 'x');
      const std::string content = first + "\r\n.y\r\n";
      BodyWriter writer(BodyWriter::Dots::Stuffed);
      std::string out;

      for (std::size_t at = 0; at < content.size(); at += block)
        ASSERT_TRUE(writer.write(std::string_view(content).substr(at, block), out));
      ASSERT_TRUE(writer.finish(out));

      EXPECT_EQ(out, first + "\r\n..y\r\n.\r\n");
    }
  }
}

TEST(BodyWriter, TwentyFiveMegabytesOfDotsAreExact) {
  constexpr std::size_t kLines = 25'000'000 / 3;
  std::string block;
  for (int i = 0; i < 20'000; ++i) block += ".\r\n";
  BodyWriter writer(BodyWriter::Dots::Stuffed);
  std::size_t bytes = 0;

  for (std::size_t lines = 0; lines < kLines; lines += 20'000) {
    std::string out;
    ASSERT_TRUE(writer.write(block, out));
    ASSERT_EQ(out.size(), 20'000u * 4);
    ASSERT_EQ(out.substr(0, 8), "..\r\n..\r\n");
    bytes += out.size();
  }

  EXPECT_GE(bytes, kLines * 4);
}

TEST(BodyWriter, PlainContentIsNeitherStuffedNorEndedByADot) {
  test::for_every_split(".a\r\n.", [](const test::Pieces& pieces) {
    const auto out = written(BodyWriter::Dots::Plain, pieces);
    ASSERT_TRUE(out);
    EXPECT_EQ(*out, ".a\r\n.\r\n");
  });
}

/// Whatever the split, content that is not canonical fails, and not one bare byte of it has come out until
/// then.
void expect_refused(std::string_view content) {
  for (const auto dots : {BodyWriter::Dots::Stuffed, BodyWriter::Dots::Plain}) {
    test::for_every_split(content, [&](const test::Pieces& pieces) {
      BodyWriter writer(dots);
      std::string out;
      bool refused = false;
      for (std::string_view piece : pieces) refused = refused || !writer.write(piece, out);
      refused = refused || !writer.finish(out);
      EXPECT_TRUE(refused);
    });
  }
}

void expect_canonical(std::string_view out) {
  for (std::size_t i = 0; i < out.size(); ++i) {
    EXPECT_NE(out[i], '\0');
    if (out[i] == '\n') {
      EXPECT_TRUE(i > 0 && out[i - 1] == '\r');
    }
    if (out[i] == '\r') {
      EXPECT_TRUE(i + 1 < out.size() && out[i + 1] == '\n');
    }
  }
}

TEST(BodyWriter, RefusesBareLineFeeds) {
  expect_refused("a\n.\nb\r\n");
  expect_refused("\n");
  expect_refused("a\r\n\n.\r\n");
}

TEST(BodyWriter, RefusesBareCarriageReturns) {
  expect_refused("a\r.\rb\r\n");
  expect_refused("a\r");
  expect_refused("a\r\r\n");
  expect_refused("\rx\r\n");
}

TEST(BodyWriter, RefusesNul) { expect_refused(std::string_view("a\0b\r\n", 5)); }

TEST(BodyWriter, NothingUncanonicalEverComesOut) {
  for (const std::string_view content :
       {std::string_view("ab\r\n.\n.\r\n"), std::string_view("ab\r.\r\n"), std::string_view("a\r\r\r\n"),
        std::string_view("a\r\nb\0\r\n", 7)}) {
    test::for_every_split(content, [](const test::Pieces& pieces) {
      BodyWriter writer(BodyWriter::Dots::Stuffed);
      std::string out;
      for (std::string_view piece : pieces)
        if (!writer.write(piece, out)) break;
      expect_canonical(out);
    });
  }
}

}  // namespace
}  // namespace mailchute
