#include "command/wrap.h"

#include "base/text.h"
#include "command/table.h"

namespace mailchute {

namespace {

/// What stays together: a word with the blank before it, or one wide character with the mark behind it.
struct Piece {
  std::string_view text;
  enum class Blank { None, Before } blank = Blank::None;
};

std::size_t character_bytes(std::string_view text) {
  std::size_t count = 1;
  while (count < text.size() && (static_cast<unsigned char>(text[count]) & 0xC0) == 0x80) ++count;
  return count;
}

bool is_wide(std::string_view character) { return display_width(character) == 2; }

/// A line does not begin with these.
bool closes(std::string_view character) {
  for (const char* mark : {"，", "。", "；", "：", "、", "！", "？", "）", "”", "》"})
    if (character == mark) return true;
  return false;
}

Piece take_piece(std::string_view& text) {
  Piece piece;
  const std::size_t blanks = text.find_first_not_of(' ');
  if (blanks == std::string_view::npos) {
    text = {};
    return piece;
  }
  if (blanks > 0) piece.blank = Piece::Blank::Before;
  text.remove_prefix(blanks);
  std::size_t end = character_bytes(text);
  const bool wide = is_wide(text.substr(0, end));
  while (end < text.size() && text[end] != ' ') {
    const std::string_view next = text.substr(end, character_bytes(text.substr(end)));
    if (closes(next) || (!wide && !is_wide(next)))
      end += next.size();
    else
      break;
  }
  piece.text = text.substr(0, end);
  text.remove_prefix(end);
  return piece;
}

std::string wrapped_line(std::string line, std::string_view text, std::size_t indent, std::size_t screen) {
  std::string out;
  bool begun = false;
  while (!text.empty()) {
    const Piece piece = take_piece(text);
    if (piece.text.empty()) break;
    const std::size_t blank = begun && piece.blank == Piece::Blank::Before ? 1 : 0;
    if (begun && screen > 0 && display_width(line) + blank + display_width(piece.text) > screen) {
      out += line + "\n";
      line = std::string(indent, ' ');
    } else {
      line.append(blank, ' ');
    }
    line += piece.text;
    begun = true;
  }
  return out + line + "\n";
}

}  // namespace

std::string wrapped(std::string_view label, std::string_view text, std::size_t indent, std::size_t screen) {
  std::string out;
  std::string begin(label);
  for (const std::string_view line : split(text, '\n')) {
    out += wrapped_line(begin, line, indent, screen);
    begin = std::string(indent, ' ');
  }
  return out;
}

}  // namespace mailchute
