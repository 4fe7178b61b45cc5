#include "smtp/line_reader.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "unit/smtp/splits.h"

namespace mailchute {
namespace {

using Fault = Line::Fault;
using Lines = std::vector<std::pair<std::string, Fault>>;

void read_all(LineReader& reader, Lines& lines) {
  while (const auto line = reader.next()) lines.emplace_back(line->text, line->fault);
}

Lines lines_of(const test::Pieces& pieces) {
  LineReader reader;
  Lines lines;
  for (const auto piece : pieces) {
    reader.append(piece);
    read_all(reader, lines);
  }
  return lines;
}

Lines lines_of(std::string_view text) { return lines_of(test::Pieces{text}); }

TEST(LineReader, CutsAtCrlfAndAtBareLf) {
  const Lines expected = {
      {"EHLO c", Fault::None}, {"", Fault::None}, {"NOOP", Fault::None}, {"QUIT", Fault::None}};

  test::for_every_split("EHLO c\r\n\r\nNOOP\nQUIT\r\nunfinished",
                        [&](const test::Pieces& pieces) { EXPECT_EQ(lines_of(pieces), expected); });
}

TEST(LineReader, NeverCutsAtACrAlone) {
  test::for_every_split("NO\rOP\r\nNOOP\r\r\n", [](const test::Pieces& pieces) {
    EXPECT_EQ(lines_of(pieces), (Lines{{"NO\rOP", Fault::BareCr}, {"NOOP\r", Fault::BareCr}}));
  });
  EXPECT_TRUE(lines_of("NOOP\r").empty());
}

TEST(LineReader, WipesWhatWasTakenAndNothingElse) {
  LineReader reader;
  reader.append("secret\r\nNOOP\r\n");
  const auto line = reader.next();
  ASSERT_TRUE(line);

  reader.wipe_taken();

  EXPECT_EQ(line->text, std::string(6, '\0'));
  EXPECT_EQ(reader.next()->text, "NOOP");
}

TEST(LineReader, ReportsNulAndKeepsWhatStandsBehindIt) {
  const auto lines = lines_of(std::string_view("a\0b\r\n", 5));

  ASSERT_EQ(lines.size(), 1u);
  EXPECT_EQ(lines[0].first, std::string("a\0b", 3));
  EXPECT_EQ(lines[0].second, Fault::Nul);
}

TEST(LineReader, TakesALineOfExactlyTheLimitAndRefusesOneByteMore) {
  const std::string longest(limits::kCommandLineBytes - 2, 'x');

  EXPECT_EQ(lines_of(longest + "\r\n")[0].second, Fault::None);
  EXPECT_EQ(lines_of(longest + "x\r\n")[0].second, Fault::TooLong);
}

TEST(LineReader, ThrowsATooLongLineAwayAndGoesOnBehindItHoweverItIsSplit) {
  const std::string text = "EHLO " + std::string(11'000, 'A') + "\r\nNOOP\r\n";
  const std::string beginning = text.substr(0, 64);
  const Lines expected = {{beginning, Fault::TooLong}, {"NOOP", Fault::None}};

  EXPECT_EQ(lines_of(text), expected);
  EXPECT_EQ(lines_of(test::byte_by_byte(text)), expected);
  for (std::size_t at = 2040; at < 2056; ++at)
    EXPECT_EQ(lines_of(test::Pieces{std::string_view(text).substr(0, at), std::string_view(text).substr(at)}),
              expected);
}

TEST(LineReader, HoldsNothingOfATooLongLine) {
  LineReader reader;
  reader.append(std::string(50'000, 'A'));

  EXPECT_FALSE(reader.next());
  EXPECT_TRUE(reader.rest().empty());
  EXPECT_TRUE(reader.discarding());
}

TEST(LineReader, GivesUpOnALineThatDoesNotEnd) {
  EXPECT_EQ(lines_of(std::string(limits::kCommandDiscardBytes + 1, 'A'))[0].second, Fault::Endless);
  EXPECT_EQ(lines_of(std::string(limits::kCommandDiscardBytes + 1, 'A') + "\r\n")[0].second, Fault::Endless);
  EXPECT_TRUE(lines_of(std::string(limits::kCommandDiscardBytes, 'A')).empty());
}

TEST(LineReader, LeavesWhatIsBehindALineToOtherReaders) {
  LineReader reader;
  reader.append("DATA\r\ncontent\r\n");

  EXPECT_EQ(reader.next()->text, "DATA");
  EXPECT_EQ(reader.rest(), "content\r\n");
  reader.skip(7);
  EXPECT_EQ(reader.rest(), "\r\n");
  EXPECT_EQ(reader.next()->text, "");
}

TEST(LineReader, CutsAMillionSmallLinesInLinearTime) {
  LineReader reader;
  Lines::size_type count = 0;
  std::string block;
  for (int i = 0; i < 10'000; ++i) block += "NOOP\r\n";

  for (int i = 0; i < 100; ++i) {
    reader.append(block);
    while (reader.next()) ++count;
  }

  EXPECT_EQ(count, 1'000'000u);
}

}  // namespace
}  // namespace mailchute
