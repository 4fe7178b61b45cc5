// Text in columns on a terminal, where a Chinese character takes two places and an accent none. Pure; any
// thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace mailchute {

/// Places that valid UTF-8 takes on a terminal. Control bytes must have been made printable before.
std::size_t display_width(std::string_view text);

/// The longest beginning that fits `places`, with "..." at its end where something was cut.
std::string cut_to_width(std::string_view text, std::size_t places);

/// Filled with blanks up to so many places, with one at least.
std::string padded(std::string text, std::size_t places);

enum class Align { Left, Right };

/// A cell that is wider than its column is not cut: it pushes the rest of its line to the right.
struct Column {
  std::string title;
  std::size_t width = 0;
  Align align = Align::Left;
};

/// One line with its line end, without blanks before that. Cut to `screen` places; 0: never.
std::string table_row(const std::vector<Column>& columns, const std::vector<std::string>& cells,
                      std::size_t screen);
std::string table_header(const std::vector<Column>& columns, std::size_t screen);

/// A line that is not in columns, cut like a row.
std::string table_note(const std::string& text, std::size_t screen);

/// Makes each column at least as wide as its title and its cells.
void widen(std::vector<Column>& columns, const std::vector<std::vector<std::string>>& rows);

}  // namespace mailchute
