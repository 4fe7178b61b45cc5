#include "smtp/body_reader.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "base/limits.h"
#include "unit/smtp/splits.h"

namespace mailchute {
namespace {

using Fault = BodyReader::Fault;
using Framing = BodyReader::Framing;
constexpr std::uint64_t kPlenty = 1ULL << 40;

/// What a reader made of some bytes.
struct Reading {
  std::string content;
  std::size_t bytes_read = 0;
  bool ended = false;
  Fault fault = Fault::None;
  bool operator==(const Reading&) const = default;
};

Reading read_from(BodyReader& reader, const test::Pieces& pieces) {
  Reading reading;
  for (auto piece : pieces) {
    while (!piece.empty() && !reader.ended()) {
      const auto count = reader.take(piece, reading.content);
      EXPECT_GT(count, 0u);
      reading.bytes_read += count;
      piece.remove_prefix(count);
    }
  }
  reading.ended = reader.ended();
  reading.fault = reader.fault();
  return reading;
}

Reading read(const test::Pieces& pieces) {
  BodyReader reader(Framing::Dots, kPlenty);
  return read_from(reader, pieces);
}

Reading read(std::string_view wire) { return read(test::Pieces{wire}); }

std::string read_counted(const test::Pieces& pieces) {
  BodyReader reader(Framing::Counted, kPlenty);
  Reading reading = read_from(reader, pieces);
  reader.finish(reading.content);
  return reading.content;
}

/// The rules again, in the plainest form there is: lines are what stands between CRLFs, and nothing else is a
/// line.
Reading reference(const std::string& wire) {
  Reading reading;
  std::size_t at = 0;
  for (;;) {
    const std::size_t end = wire.find("\r\n", at);
    if (end == std::string::npos) return reading;
    std::string line = wire.substr(at, end - at);
    at = end + 2;
    reading.bytes_read = at;
    reading.ended = line == ".";
    if (reading.ended) return reading;
    if (line.starts_with('.')) line.erase(0, 1);
    for (const char c : line) {
      if (c == '\0') reading.fault = Fault::Nul;
      if (c == '\r' || c == '\n')
        reading.content += "\r\n";
      else
        reading.content += c;
    }
    reading.content += "\r\n";
  }
}

std::string bytes(std::string_view text) { return std::string(text); }

const std::vector<std::string> kBefore = {"\r\n", "\n", "\r", "\r\r\n", "\n\r", "\n\n", "\r\r", ""};
const std::vector<std::string> kDots = {".",  "..", std::string("\0.", 2), std::string(".\0", 2), " .",
                                        ". ", ".\t"};
const std::vector<std::string> kBehind = {"\r\n", "\n", "\r", "\r\r\n", "\n\r", ""};

TEST(BodyReader, LoneDotRightAfterDataEndsTheBody) {
  const auto reading = read(".\r\nQUIT\r\n");

  EXPECT_TRUE(reading.ended);
  EXPECT_EQ(reading.content, "");
  EXPECT_EQ(reading.bytes_read, 3u);
}

TEST(BodyReader, KeepsTheLineEndBeforeTheDot) {
  test::for_every_split("Subject: x\r\n\r\nhi\r\n.\r\n", [](const test::Pieces& pieces) {
    EXPECT_EQ(read(pieces).content, "Subject: x\r\n\r\nhi\r\n");
    EXPECT_TRUE(read(pieces).ended);
  });
}

TEST(BodyReader, RemovesOneLeadingDotOfALine) {
  const auto reading = read("..\r\n.foo\r\n...\r\na.\r\n.\r\n");

  EXPECT_EQ(reading.content, ".\r\nfoo\r\n..\r\na.\r\n");
}

// S092 to S110, S119 to S122.
TEST(BodyReader, NothingButCrlfDotCrlfEndsTheBody) {
  const char* const endings[] = {"\n.\n",     "\n.\r\n",     "\r\n.\n",      "\r.\r",       "\r.\n",
                                 "\n.\r",     "\r.\r\n",     "\r\n.\rx",     "\r\n.\r\r\n", "\r\r\n.\r\r\n",
                                 "\n\r.\n\r", "\r\n .\r\n",  "\r\n. \r\n",   "\r\n.\t\r\n", "\r\n..\r\n",
                                 "\x85.\x85", "\v.\v",       "\f.\f",        "\n\n.\n\n",   "\r\r.\r\r",
                                 "\n\r.\r\n", "\r\n.\n\r\n", "=0D=0A.=0D=0A"};
  for (const std::string ending : endings) {
    const auto reading = read("text" + ending + "MAIL FROM:<a@s>\r\n");
    EXPECT_FALSE(reading.ended) << testing::PrintToString(ending);
  }
}

TEST(BodyReader, ABareCrBeforeTheTrueEndDoesNotHideIt) {
  for (const std::string before : {"\r", "\r\r", "\r\r\r", "\n\r", "\r\n\r", "\n"}) {
    const auto reading = read("text" + before + "\r\n.\r\nRSET\r\n");
    EXPECT_TRUE(reading.ended) << testing::PrintToString(before);
    EXPECT_EQ(reading.bytes_read, 4 + before.size() + 5);
  }
}

TEST(BodyReader, MakesBareLineEndsWholeAndGivesThemNoMeaning) {
  EXPECT_EQ(read("a\nb\rc\r\n.\r\n").content, "a\r\nb\r\nc\r\n");
  EXPECT_EQ(read("a\n.\nb\r\n.\r\n").content, "a\r\n.\r\nb\r\n");
  EXPECT_EQ(read("a\n..b\r\n.\r\n").content, "a\r\n..b\r\n");
}

// S124: 336 ways to write something like an end, each at every split.
TEST(BodyReader, AgreesWithThePlainRulesOnEveryVariantOfTheEndAtEverySplit) {
  int variants = 0;
  for (const auto& before : kBefore) {
    for (const auto& dot : kDots) {
      for (const auto& behind : kBehind) {
        ++variants;
        const std::string wire = "x" + before + dot + behind + "MAIL FROM:<evil@x>\r\n.\r\nNOOP\r\n";
        const Reading expected = reference(wire);
        test::for_every_split(wire, [&](const test::Pieces& pieces) {
          Reading found = read(pieces);
          if (expected.fault != Fault::None)
            found.content = expected.content;  // Of a refused message nothing is promised.
          ASSERT_EQ(found, expected) << testing::PrintToString(wire);
        });
      }
    }
  }
  EXPECT_EQ(variants, 336);
}

TEST(BodyReader, AgreesWithThePlainRulesAtTheVeryBeginning) {
  for (const auto& before : kBefore) {
    for (const auto& dot : kDots) {
      for (const auto& behind : kBehind) {
        const std::string wire = before + dot + behind + "rest\r\n.\r\n";
        const Reading expected = reference(wire);
        Reading found = read(test::byte_by_byte(wire));
        if (expected.fault != Fault::None) found.content = expected.content;
        ASSERT_EQ(found, expected) << testing::PrintToString(wire);
      }
    }
  }
}

// S123: the end around the boundary of what is read at once.
TEST(BodyReader, FindsTheEndAroundEveryBufferBoundary) {
  for (int offset = -5; offset <= 5; ++offset) {
    const std::string text(limits::kReadBytes + offset, 'x');
    const std::string wire = text + "\r\n.\r\nNOOP\r\n";
    for (std::size_t cut = text.size(); cut <= text.size() + 5; ++cut) {
      const auto view = std::string_view(wire);
      const auto reading = read(test::Pieces{view.substr(0, cut), view.substr(cut)});
      ASSERT_TRUE(reading.ended);
      ASSERT_EQ(reading.content.size(), text.size() + 2);
      ASSERT_EQ(reading.bytes_read, text.size() + 5);
    }
  }
}

TEST(BodyReader, RefusesNulAndStillFindsTheEnd) {
  const std::string wire = "a" + std::string(1, '\0') + "b\r\n.\r\n";

  test::for_every_split(wire, [](const test::Pieces& pieces) {
    const auto reading = read(pieces);
    EXPECT_EQ(reading.fault, Fault::Nul);
    EXPECT_TRUE(reading.ended);
  });
}

TEST(BodyReader, TakesContentOfExactlyTheLimitAndRefusesOneByteMore) {
  BodyReader exact(Framing::Dots, 10);
  BodyReader over(Framing::Dots, 10);

  EXPECT_EQ(read_from(exact, {"12345678\r\n.\r\n"}).fault, Fault::None);
  const auto reading = read_from(over, {"123456789\r\n.\r\n"});
  EXPECT_EQ(reading.fault, Fault::TooLarge);
  EXPECT_TRUE(reading.ended);
}

TEST(BodyReader, KeepsNothingOfWhatIsTooLarge) {
  BodyReader reader(Framing::Dots, 1000);
  const std::string block(limits::kReadBytes, 'x');
  std::string content;

  for (int i = 0; i < 1000; ++i) EXPECT_EQ(reader.take(block, content), block.size());

  EXPECT_LE(content.size(), 1000u);
  EXPECT_EQ(reader.fault(), Fault::TooLarge);
}

TEST(BodyReader, GivesBoundedPiecesEvenWhenEveryByteGrows) {
  for (const char byte : {'\n', '\r', 'x', '.'}) {
    BodyReader reader(Framing::Dots, kPlenty);
    const std::string block(4 * limits::kChunkBytes, byte);
    std::string_view rest = block;
    while (!rest.empty()) {
      std::string content;
      const auto count = reader.take(rest, content);
      ASSERT_GT(count, 0u);
      ASSERT_LE(content.size(), limits::kChunkBytes + 2);
      rest.remove_prefix(count);
    }
  }
}

TEST(BodyReader, PassesLinesOfAnyLengthUnchanged) {
  const std::string line(10'000'000, 'x');

  EXPECT_EQ(read(line + "\r\n.\r\n").content, line + "\r\n");
}

TEST(BodyReader, BringsAHundredThousandStuffedLinesThrough) {
  std::string wire;
  std::string content;
  for (int i = 0; i < 100'000; ++i) {
    wire += "...\r\n";
    content += "..\r\n";
  }

  EXPECT_EQ(read(wire + ".\r\n").content, content);
}

TEST(BodyReader, TakesCountedOctetsAsTheyAre) {
  test::for_every_split(".\r\n..a\r\n\r\n.\r\nend\r\n", [](const test::Pieces& pieces) {
    EXPECT_EQ(read_counted(pieces), ".\r\n..a\r\n\r\n.\r\nend\r\n");
  });
}

TEST(BodyReader, MakesBareLineEndsWholeInCountedOctetsToo) {
  test::for_every_split("a\nb\rc\r\r\n\nd", [](const test::Pieces& pieces) {
    EXPECT_EQ(read_counted(pieces), "a\r\nb\r\nc\r\n\r\n\r\nd\r\n");
  });
}

TEST(BodyReader, EndsCountedContentWithCrlfAndLeavesAnEmptyOneEmpty) {
  EXPECT_EQ(read_counted({bytes("")}), "");
  EXPECT_EQ(read_counted({"x"}), "x\r\n");
  EXPECT_EQ(read_counted({"x\r"}), "x\r\n");
  EXPECT_EQ(read_counted({"x\n"}), "x\r\n");
  EXPECT_EQ(read_counted({"x\r\n"}), "x\r\n");
}

}  // namespace
}  // namespace mailchute
