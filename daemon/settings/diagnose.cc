#include "settings/diagnose.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace mailchute {

namespace {

constexpr std::size_t kWordBytes = 64;
/// A terminal line or two; more of a source line helps nobody.
constexpr std::size_t kShownBytes = 240;

std::string_view severity_word(Diagnostic::Severity severity) {
  switch (severity) {
    case Diagnostic::Error: return "error";
    case Diagnostic::Warning: return "warning";
    case Diagnostic::Note: return "note";
  }
  return "error";
}

/// Columns a code point takes on a terminal: Chinese, Japanese, Korean and emoji take two.
int width_of(char32_t point) {
  struct Range {
    char32_t first;
    char32_t last;
  };
  static constexpr std::array kWide = {Range{0x1100, 0x115F},   Range{0x2E80, 0xA4CF},  Range{0xAC00, 0xD7A3},
                                       Range{0xF900, 0xFAFF},   Range{0xFE30, 0xFE6F},  Range{0xFF00, 0xFF60},
                                       Range{0x1F300, 0x1FAFF}, Range{0x20000, 0x3FFFD}};
  return std::any_of(kWide.begin(), kWide.end(),
                     [=](const Range& range) { return point >= range.first && point <= range.last; })
             ? 2
             : 1;
}

/// Width on a terminal of UTF-8 that printable() has made safe.
std::size_t width_of(std::string_view text) {
  std::size_t width = 0;
  char32_t point = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const auto byte = static_cast<unsigned char>(text[at]);
    const bool follows = (byte & 0xC0) == 0x80;
    point = follows        ? (point << 6) | (byte & 0x3F)
            : byte >= 0xF0 ? byte & 0x07
            : byte >= 0xE0 ? byte & 0x0F
                           : byte & 0x1F;
    const bool last = at + 1 == text.size() || (static_cast<unsigned char>(text[at + 1]) & 0xC0) != 0x80;
    if (last) width += byte < 0x80 ? 1 : static_cast<std::size_t>(width_of(point));
  }
  return width;
}

/// A backslash in a configuration is meant as one; only what cannot be shown is escaped.
std::string shown(std::string_view bytes) {
  std::string out;
  for (const auto part : split(bytes, '\\')) {
    if (part.data() != bytes.data()) out += '\\';
    out += printable(part, kShownBytes);
  }
  return out;
}

std::string source_and_caret(const Diagnostic& diagnostic) {
  if (diagnostic.source_line.empty() || diagnostic.line == 0) return {};
  const std::string gutter = "  " + std::to_string(diagnostic.line) + " | ";
  const auto before = static_cast<std::size_t>(std::max(diagnostic.column - 1, 0));
  const std::string_view line = diagnostic.source_line;
  const std::size_t indent = width_of(shown(line.substr(0, std::min(before, line.size()))));
  std::string text = gutter + shown(line) + "\n";
  return text + std::string(gutter.size() - 2, ' ') + "| " + std::string(indent, ' ') + "^\n";
}

}  // namespace

std::string place_of(const Diagnostic& diagnostic) {
  std::string text = printable(diagnostic.file);
  if (diagnostic.line == 0) return text;
  return text + ":" + std::to_string(diagnostic.line) + ":" + std::to_string(diagnostic.column);
}

std::string render(const std::vector<Diagnostic>& diagnostics) {
  std::string text;
  for (const auto& diagnostic : diagnostics) {
    text += place_of(diagnostic) + ": " + std::string(severity_word(diagnostic.severity)) + ": ";
    text += shown(diagnostic.message) + "\n" + source_and_caret(diagnostic);
    if (!diagnostic.hint.empty()) text += "  hint: " + shown(diagnostic.hint) + "\n";
  }
  return text;
}

bool has_errors(const std::vector<Diagnostic>& diagnostics) {
  return std::any_of(diagnostics.begin(), diagnostics.end(),
                     [](const Diagnostic& diagnostic) { return diagnostic.severity == Diagnostic::Error; });
}

std::size_t edit_distance(std::string_view a, std::string_view b) {
  a = a.substr(0, kWordBytes);
  b = b.substr(0, kWordBytes);
  using Row = std::array<std::size_t, kWordBytes + 1>;
  Row before_last{};
  Row last{};
  Row current{};
  for (std::size_t j = 0; j <= b.size(); ++j) last[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    current[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      current[j] = std::min({replaced, last[j] + 1, current[j - 1] + 1});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) current[j] = std::min(current[j], before_last[j - 2] + 1);
    }
    before_last = last;
    last = current;
  }
  return last[b.size()];
}

std::string closest(std::string_view word, const std::vector<std::string>& candidates) {
  const std::string sought = lower(word);
  // A third of the word may be wrong: more is another word.
  std::size_t nearest = std::max<std::size_t>(sought.size() / 3, 1) + 1;
  std::string found;
  for (const auto& candidate : candidates) {
    const std::size_t distance = edit_distance(sought, lower(candidate));
    if (distance >= nearest) continue;
    nearest = distance;
    found = candidate;
  }
  return found;
}

}  // namespace mailchute
