#include "command/table.h"

#include <algorithm>
#include <array>
#include <iterator>

namespace mailchute {

namespace {

constexpr std::string_view kGap = "  ";
constexpr std::string_view kCut = "...";

struct Interval {
  char32_t first;
  char32_t last;
};

// Unicode 15, East Asian Width W and F, in coarse steps: a place too many inside a rare block harms nothing.
// Not so among the signs of U+2600 and U+2700, most of which are narrow: of them the wide ones one by one,
// for a subject of many a backup begins with one. wcwidth() would depend on the locale, which under cron and
// ssh is often C.
constexpr std::array<Interval, 52> kWide = {
    {{0x1100, 0x115F},   {0x231A, 0x231B},   {0x2329, 0x232A},   {0x23E9, 0x23EC},   {0x23F0, 0x23F0},
     {0x23F3, 0x23F3},   {0x25FD, 0x25FE},   {0x2614, 0x2615},   {0x2648, 0x2653},   {0x267F, 0x267F},
     {0x2693, 0x2693},   {0x26A1, 0x26A1},   {0x26AA, 0x26AB},   {0x26BD, 0x26BE},   {0x26C4, 0x26C5},
     {0x26CE, 0x26CE},   {0x26D4, 0x26D4},   {0x26EA, 0x26EA},   {0x26F2, 0x26F3},   {0x26F5, 0x26F5},
     {0x26FA, 0x26FA},   {0x26FD, 0x26FD},   {0x2705, 0x2705},   {0x270A, 0x270B},   {0x2728, 0x2728},
     {0x274C, 0x274C},   {0x274E, 0x274E},   {0x2753, 0x2755},   {0x2757, 0x2757},   {0x2795, 0x2797},
     {0x27B0, 0x27B0},   {0x27BF, 0x27BF},   {0x2B1B, 0x2B1C},   {0x2B50, 0x2B50},   {0x2B55, 0x2B55},
     {0x2E80, 0x303E},   {0x3041, 0x33FF},   {0x3400, 0x4DBF},   {0x4E00, 0x9FFF},   {0xA000, 0xA4CF},
     {0xA960, 0xA97C},   {0xAC00, 0xD7A3},   {0xF900, 0xFAFF},   {0xFE30, 0xFE6F},   {0xFF00, 0xFF60},
     {0xFFE0, 0xFFE6},   {0x16FE0, 0x18CFF}, {0x1AFF0, 0x1B2FF}, {0x1F300, 0x1F64F}, {0x1F680, 0x1F6FF},
     {0x1F900, 0x1FAFF}, {0x20000, 0x3FFFD}}};
// Marks that sit on the character before them, joiners, variation selectors.
constexpr std::array<Interval, 15> kNarrowest = {{{0x0300, 0x036F},
                                                  {0x0483, 0x0489},
                                                  {0x0591, 0x05BD},
                                                  {0x0610, 0x061A},
                                                  {0x064B, 0x065F},
                                                  {0x0E34, 0x0E3A},
                                                  {0x0E47, 0x0E4E},
                                                  {0x1AB0, 0x1AFF},
                                                  {0x1DC0, 0x1DFF},
                                                  {0x200B, 0x200F},
                                                  {0x20D0, 0x20FF},
                                                  {0x302A, 0x302D},
                                                  {0x3099, 0x309A},
                                                  {0xFE00, 0xFE0F},
                                                  {0xFE20, 0xFE2F}}};

template <std::size_t Count>
bool among(const std::array<Interval, Count>& intervals, char32_t point) {
  const auto found = std::find_if(intervals.begin(), intervals.end(), [point](const Interval& interval) {
    return interval.first <= point && point <= interval.last;
  });
  return found != intervals.end();
}

std::size_t places_of(char32_t point) {
  if (among(kNarrowest, point)) return 0;
  return among(kWide, point) ? 2 : 1;
}

std::size_t sequence_bytes(unsigned char first) {
  if (first >= 0xF0) return 4;
  if (first >= 0xE0) return 3;
  return first >= 0xC0 ? 2 : 1;
}

/// Takes the first character off `text`.
struct Character {
  std::string_view bytes;
  std::size_t places = 0;
};
Character next_character(std::string_view& text) {
  const auto first = static_cast<unsigned char>(text.front());
  const std::size_t count = std::min(sequence_bytes(first), text.size());
  char32_t point = count == 1 ? first : first & (0x7F >> count);
  for (std::size_t i = 1; i < count; ++i) point = (point << 6) | (static_cast<unsigned char>(text[i]) & 0x3F);
  const Character character{text.substr(0, count), places_of(point)};
  text.remove_prefix(count);
  return character;
}

std::string padded(const std::string& cell, const Column& column) {
  const std::size_t width = display_width(cell);
  const std::string blanks(column.width > width ? column.width - width : 0, ' ');
  return column.align == Align::Left ? cell + blanks : blanks + cell;
}

}  // namespace

std::size_t display_width(std::string_view text) {
  std::size_t places = 0;
  while (!text.empty()) places += next_character(text).places;
  return places;
}

std::string cut_to_width(std::string_view text, std::size_t places) {
  if (display_width(text) <= places) return std::string(text);
  const std::size_t room = places - std::min(places, kCut.size());
  std::string out;
  std::size_t taken = 0;
  while (!text.empty()) {
    const Character character = next_character(text);
    if (taken + character.places > room) break;
    taken += character.places;
    out += character.bytes;
  }
  return out.append(kCut.substr(0, places));
}

std::string padded(std::string text, std::size_t places) {
  const std::size_t taken = display_width(text);
  return text.append(taken < places ? places - taken : 1, ' ');
}

std::string table_row(const std::vector<Column>& columns, const std::vector<std::string>& cells,
                      std::size_t screen) {
  std::string line;
  for (std::size_t i = 0; i < std::min(columns.size(), cells.size()); ++i) {
    if (i > 0) line += kGap;
    line += padded(cells[i], columns[i]);
  }
  return table_note(line, screen);
}

std::string table_header(const std::vector<Column>& columns, std::size_t screen) {
  std::vector<std::string> titles;
  std::transform(columns.begin(), columns.end(), std::back_inserter(titles),
                 [](const Column& column) { return column.title; });
  return table_row(columns, titles, screen);
}

std::string table_note(const std::string& text, std::size_t screen) {
  std::string line = text.substr(0, text.find_last_not_of(' ') + 1);
  if (screen > 0) line = cut_to_width(line, screen);
  return line + "\n";
}

void widen(std::vector<Column>& columns, const std::vector<std::vector<std::string>>& rows) {
  for (std::size_t i = 0; i < columns.size(); ++i) {
    columns[i].width = std::max(columns[i].width, display_width(columns[i].title));
    for (const auto& row : rows)
      if (i < row.size()) columns[i].width = std::max(columns[i].width, display_width(row[i]));
  }
}

}  // namespace mailchute
