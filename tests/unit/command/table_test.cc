#include "command/table.h"

#include <gtest/gtest.h>

namespace mailchute {
namespace {

TEST(Table, ALabelIsFilledUpByThePlacesThatItTakes) {
  EXPECT_EQ(padded("ab", 5), "ab   ");
  EXPECT_EQ(padded("队列", 5), "队列 ");
  EXPECT_EQ(padded("abcdef", 5), "abcdef ");
}

TEST(Table, AChineseCharacterTakesTwoPlacesAndAnAccentNone) {
  EXPECT_EQ(display_width(""), 0U);
  EXPECT_EQ(display_width("abc"), 3U);
  EXPECT_EQ(display_width("\xe4\xb8\xad\xe6\x96\x87"), 4U);  // two ideographs
  EXPECT_EQ(display_width("e\xcc\x81t\xc3\xa9"), 3U);        // combining acute, precomposed
  EXPECT_EQ(display_width("\xf0\x9f\x93\xa7"), 2U);          // an envelope
  EXPECT_EQ(display_width("\xe2\x9c\x85\xe2\x9a\xa1"), 4U);  // a green tick, a flash
  EXPECT_EQ(display_width("\xe2\x9c\x93\xe2\x98\x85"), 2U);  // a plain tick, a plain star
  EXPECT_EQ(display_width("\xea\xb0\x80\xef\xbc\xa1"), 4U);  // Hangul, fullwidth A
}

TEST(Table, WhatIsCutEndsWithDotsAndNeverInsideACharacter) {
  EXPECT_EQ(cut_to_width("abcdef", 6), "abcdef");
  EXPECT_EQ(cut_to_width("abcdefg", 6), "abc...");
  EXPECT_EQ(cut_to_width("\xe4\xb8\xad\xe6\x96\x87\xe4\xb8\xad", 5), "\xe4\xb8\xad...");
  EXPECT_EQ(cut_to_width("\xe4\xb8\xad\xe6\x96\x87\xe4\xb8\xad", 4), "...");
  EXPECT_EQ(cut_to_width("abcdef", 2), "..");
  EXPECT_EQ(cut_to_width("abcdef", 0), "");
}

TEST(Table, ColumnsLineUpWhateverScriptTheyHold) {
  const std::vector<Column> columns = {{"NAME", 6}, {"N", 3, Align::Right}, {"REST", 0}};

  EXPECT_EQ(table_header(columns, 0), "NAME      N  REST\n");
  EXPECT_EQ(table_row(columns, {"\xe4\xb8\xad\xe6\x96\x87", "12", "x"}, 0),
            "\xe4\xb8\xad\xe6\x96\x87     12  x\n");
  EXPECT_EQ(table_row(columns, {"abcd", "12", ""}, 0), "abcd     12\n");
  EXPECT_EQ(table_row(columns, {"too long", "1", "x"}, 0), "too long    1  x\n");
}

TEST(Table, ALineIsCutAtTheEdgeOfAScreenOnly) {
  const std::vector<Column> columns = {{"A", 3}, {"B", 0}};
  const std::string tail(100, 'x');

  EXPECT_EQ(table_row(columns, {"a", tail}, 80).size(), 81U);
  EXPECT_EQ(table_row(columns, {"a", tail}, 0).size(), 106U);
}

TEST(Table, ColumnsGrowToTheirWidestCell) {
  std::vector<Column> columns = {{"NAME"}, {"X"}};

  widen(columns, {{"a", "\xe4\xb8\xad\xe6\x96\x87"}, {"longer", ""}});

  EXPECT_EQ(columns[0].width, 6U);
  EXPECT_EQ(columns[1].width, 4U);
}

}  // namespace
}  // namespace mailchute
