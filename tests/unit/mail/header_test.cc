#include "mail/header.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "mail/seven_bit.h"
#include "unit/split.h"

namespace mailchute {
namespace {

std::vector<HeaderField> fields_of(std::string_view content) {
  std::vector<HeaderField> fields;
  HeaderReader reader(content);
  while (const auto field = reader.next()) fields.push_back(*field);
  return fields;
}

TEST(HeaderReader, GivesNameValueAndRawOfEachField) {
  const auto fields = fields_of("To: a@x\r\nSubject:hello \r\n\r\nbody: no\r\n");

  ASSERT_EQ(fields.size(), 2u);
  EXPECT_EQ(fields[0].name, "To");
  EXPECT_EQ(fields[0].value, " a@x");
  EXPECT_EQ(fields[0].raw, "To: a@x\r\n");
  EXPECT_EQ(fields[1].value, "hello ");
  EXPECT_TRUE(fields[1].is("SUBJECT"));
  EXPECT_FALSE(fields[1].is("Subjec"));
}

TEST(HeaderReader, LeavesTheEmptyLineAndTheBody) {
  HeaderReader reader("A: 1\r\n\r\nbody\r\n");

  ASSERT_TRUE(reader.next());
  ASSERT_FALSE(reader.next());
  EXPECT_EQ(reader.rest(), "\r\nbody\r\n");
}

TEST(HeaderReader, M008AFoldBelongsToItsField) {
  const auto fields = fields_of("To: a@x\r\n\tBcc: z@y\r\nTo : a@x\r\nTo:\r\n b@x\r\n\r\n");

  ASSERT_EQ(fields.size(), 3u);
  for (const HeaderField& field : fields) EXPECT_TRUE(field.is("To"));
  EXPECT_EQ(unfolded(fields[0].value, 100), "a@x\tBcc: z@y");
  EXPECT_EQ(unfolded(fields[2].value, 100), "b@x");
}

TEST(HeaderReader, ALineOfBlanksIsAFoldNotTheEnd) {
  const auto fields = fields_of("A: 1\r\n \r\nB: 2\r\n\r\n");

  ASSERT_EQ(fields.size(), 2u);
  EXPECT_EQ(fields[0].raw, "A: 1\r\n \r\n");
}

TEST(HeaderReader, ALineThatIsNoFieldHasNoNameAndHidesNothing) {
  const auto fields = fields_of("A: 1\r\nboundary=x\r\n continued: yes\r\n: nothing\r\nB: 2\r\n\r\n");

  ASSERT_EQ(fields.size(), 5u);
  EXPECT_EQ(fields[1].name, "");
  EXPECT_EQ(fields[1].raw, "boundary=x\r\n");
  EXPECT_EQ(fields[2].name, "");
  EXPECT_EQ(fields[3].name, "");
  EXPECT_FALSE(fields[1].is(""));
  EXPECT_TRUE(fields[4].is("B"));
}

TEST(HeaderReader, TheLastLineMayLackItsEnd) {
  const auto fields = fields_of("A: 1\r\nB: 2");

  ASSERT_EQ(fields.size(), 2u);
  EXPECT_EQ(fields[1].value, " 2");
}

TEST(HeaderReader, AValueMayBeEmptyOrHoldColons) {
  const auto fields = fields_of("A:\r\nB: x:y:z\r\n");

  ASSERT_EQ(fields.size(), 2u);
  EXPECT_EQ(fields[0].value, "");
  EXPECT_EQ(fields[1].value, " x:y:z");
}

TEST(FirstLine, IsAFieldTextOrEmpty) {
  EXPECT_EQ(first_line("Subject: x"), FirstLine::Field);
  EXPECT_EQ(first_line("To : x"), FirstLine::Field);
  EXPECT_EQ(first_line("X:"), FirstLine::Field);
  EXPECT_EQ(first_line("\r\n"), FirstLine::Empty);
  for (const char* text : {"hello world", "hello\r\n", ":", " X: y", "\tX: y",
                           "From a@b Sun Mar  1 12:00:00 2026", "\xC3\xA4: x", "\rX", "X\r\n: y"})
    EXPECT_EQ(first_line(text), FirstLine::Text) << text;
}

TEST(FirstLine, WaitsOnlyWhileMoreBytesCanChangeTheAnswer) {
  for (const char* text : {"", "\r", "Subject", "Subject ", "Subject\t "})
    EXPECT_EQ(first_line(text), FirstLine::Undecided) << text;
  EXPECT_EQ(first_line(std::string(1000, 'x')), FirstLine::Text);
  EXPECT_EQ(first_line("x" + std::string(1000, ' ')), FirstLine::Text);
}

TEST(HeaderEnd, IsFoundAtEverySplit) {
  test::for_every_split("A: 1\r\nB: 2\r\n\r\nbody\r\n\r\nmore", [](const test::Pieces& pieces) {
    std::string content;
    std::size_t end = std::string::npos;
    std::size_t searched = 0;
    for (std::string_view piece : pieces) {
      content += piece;
      if (end == std::string::npos) end = header_end(content, searched);
      searched = content.size();
    }
    ASSERT_EQ(end, 12u);
  });
}

TEST(HeaderEnd, OfAMessageWithoutHeaderIsItsBeginning) {
  EXPECT_EQ(header_end("\r\nbody"), 0u);
  EXPECT_EQ(header_end("A: 1\r\n"), std::string::npos);
  EXPECT_EQ(header_end(""), std::string::npos);
}

TEST(HeaderSection, StopsBeforeTheEmptyLineAndAtItsBound) {
  const std::string content = "A: 1\r\nB: 2\r\n 3\r\n\r\nC: body\r\n";

  EXPECT_EQ(header_section(content, 100), "A: 1\r\nB: 2\r\n 3\r\n");
  EXPECT_EQ(header_section(content, 15), "A: 1\r\n");
  EXPECT_EQ(header_section(content, 5), "");
  EXPECT_EQ(header_section("A: 1\r\nB: cut of", 100), "A: 1\r\n");
  EXPECT_EQ(header_section("\r\nbody", 100), "");
}

TEST(Unfolded, IsBoundedAndCutsNoCharacterInHalf) {
  EXPECT_EQ(unfolded(" a\r\n b ", 100), "a b");
  EXPECT_EQ(unfolded("0123456789", 4), "0123");
  EXPECT_EQ(unfolded("ab\xE7\x94\xA8", 4), "ab");
  EXPECT_EQ(unfolded("ab\xE7\x94\xA8", 5), "ab\xE7\x94\xA8");
  EXPECT_EQ(unfolded(std::string(100, '\x80'), 10).size(), 10u);
}

TEST(HeaderLine, BreaksAtBlanksAndBeginsALineForEachPart) {
  EXPECT_EQ(header_line("X", {"one two"}), "X: one two\r\n");
  EXPECT_EQ(header_line("X", {"one", "two"}), "X: one\r\n\ttwo\r\n");
  EXPECT_EQ(header_line("X", {""}), "X:\r\n");

  std::string words;
  for (int i = 0; i < 100; ++i) words += (i == 0 ? "word" : " word");
  const std::string line = header_line("X", {words});
  EXPECT_EQ(unfolded(std::string_view(line).substr(2), 10'000), words);
  for (std::size_t at = 0, end = 0; (end = line.find("\r\n", at)) != std::string::npos; at = end + 2)
    EXPECT_LE(end - at, 78u);
}

TEST(HeaderLine, KeepsBlanksThatStandTogether) {
  const std::string value =
      "\"a  b   c\"" + std::string(60, 'x') + "  \"d  e\" " + std::string(60, 'y') + "   z";
  const std::string line = header_line("X", {value});

  EXPECT_EQ(unfolded(std::string_view(line).substr(2), 10'000), value);
}

TEST(HeaderLine, NothingLeavesTheField) {
  EXPECT_EQ(header_line("X", {"a\r\nBcc: evil@x\r\n\r\nbody"}), "X: a??Bcc: evil@x????body\r\n");
  EXPECT_EQ(header_line("X", {"\xC3\xA4\t\x7F"}), "X: ????\r\n");
}

TEST(HeaderLine, AWordThatNoLineCanHoldIsCut) {
  const std::string line = header_line("X", {std::string(5000, 'w')});

  EXPECT_TRUE(is_seven_bit(line));
  EXPECT_EQ(std::count(line.begin(), line.end(), 'w'), 5000);
}

TEST(HeaderLine, MoreBlanksThanALineHoldsAreDropped) {
  for (const std::size_t blanks : {990U, 996U, 997U, 998U, 999U, 1000U, 5000U}) {
    const std::string line = header_line("X", {"a" + std::string(blanks, ' ') + std::string(1000, 'w')});

    EXPECT_TRUE(is_seven_bit(line)) << blanks;
    EXPECT_EQ(std::count(line.begin(), line.end(), 'w'), 1000) << blanks;
  }
}

}  // namespace
}  // namespace mailchute
