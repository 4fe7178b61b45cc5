#include "mail/header_edits.h"

#include <gtest/gtest.h>

#include <string>

namespace mailchute {
namespace {

constexpr const char* kSection =
    "Received: one\r\n\tand on\r\nno field here\r\nFrom : a@s.test\r\nSubject:x\r\nFrom: b@s.test\r\n";

std::vector<HeaderField> fields(std::string_view section) {
  std::vector<HeaderField> all;
  HeaderReader reader(section);
  while (const auto field = reader.next()) all.push_back(*field);
  return all;
}

TEST(HeaderEdits, WithoutAnyTheSectionIsTheSameBytes) {
  const std::string section = kSection;
  EXPECT_TRUE(HeaderEdits(section).empty());
  EXPECT_EQ(HeaderEdits(section).apply(), section);
  EXPECT_EQ(HeaderEdits("").apply(), "");
}

TEST(HeaderEdits, AFieldIsReplacedWithAllItsLines) {
  const std::string section = kSection;
  HeaderEdits edits(section);
  edits.replace(fields(section)[0], "Received: two\r\n");
  EXPECT_EQ(edits.apply(),
            "Received: two\r\nno field here\r\nFrom : a@s.test\r\nSubject:x\r\nFrom: b@s.test\r\n");
}

TEST(HeaderEdits, OrderOfCallsDoesNotMatterAndInsertionsComeFirst) {
  const std::string section = kSection;
  const auto all = fields(section);
  HeaderEdits edits(section);
  edits.remove(all[4]);
  edits.append("X: end\r\n");
  edits.replace(all[2], "From: c@s.test\r\n");
  edits.insert_before(all[2], "A: 1\r\n");
  EXPECT_EQ(
      edits.apply(),
      "Received: one\r\n\tand on\r\nno field here\r\nA: 1\r\nFrom: c@s.test\r\nSubject:x\r\nX: end\r\n");
}

TEST(HeaderEdits, OfTwoChangesToOneFieldTheFirstCounts) {
  const std::string section = kSection;
  const auto all = fields(section);
  HeaderEdits edits(section);
  edits.replace(all[3], "Subject: y\r\n");
  edits.remove(all[3]);
  EXPECT_NE(edits.apply().find("Subject: y\r\n"), std::string::npos);
}

TEST(HeaderEdits, AnOpenLastLineIsClosedOnlyToWriteBehindIt) {
  const std::string section = "A: 1\r\nB: 2";
  HeaderEdits edits(section);
  edits.replace(fields(section)[0], "A: 3\r\n");
  EXPECT_EQ(edits.apply(), "A: 3\r\nB: 2");
  edits.append("C: 4\r\n");
  EXPECT_EQ(edits.apply(), "A: 3\r\nB: 2\r\nC: 4\r\n");
}

}  // namespace
}  // namespace mailchute
