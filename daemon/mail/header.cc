#include "mail/header.h"

#include <algorithm>

#include "base/text.h"

namespace mailchute {

namespace {

constexpr std::string_view kLineEnd = "\r\n";
constexpr std::size_t kLineBytes = 998;       // RFC 5322 2.1.1, without CRLF
constexpr std::size_t kLineBytesAtEase = 78;  // the same section, what lines should keep to

bool is_blank(char c) { return c == ' ' || c == '\t'; }

/// RFC 5322 3.6.8 `ftext`.
bool is_name_byte(char c) { return c > ' ' && c <= '~' && c != ':'; }

/// The line at the front of `text`, with its CRLF if it has one.
std::size_t line_bytes(std::string_view text) {
  const auto end = text.find(kLineEnd);
  return end == std::string_view::npos ? text.size() : end + kLineEnd.size();
}

/// The lines of the field at the front of `text`: the first and all that begin with a blank (RFC 5322 2.2.3).
std::size_t field_bytes(std::string_view text) {
  std::size_t bytes = line_bytes(text);
  while (bytes < text.size() && is_blank(text[bytes])) bytes += line_bytes(text.substr(bytes));
  return bytes;
}

/// Writes words into a field and breaks its lines at the blanks between them.
class LineFolder {
 public:
  explicit LineFolder(std::string& out) : out_(out), line_start_(out.size()) {}

  void begin_line(char indent) {
    out_ += kLineEnd;
    line_start_ = out_.size();
    out_ += indent;
    fresh_ = true;
  }

  void add_name(std::string_view name) {
    out_ += name;
    out_ += ':';
    fresh_ = false;
  }

  /// Two blanks in a row come as an empty word: they are kept, for they may stand inside quotes, but no line
  /// begins there.
  void add_word(std::string_view word) {
    // More blanks than a line can hold stand for nothing; at its end they would leave no room for a word.
    if (word.empty() && column() + 1 >= kLineBytes) return;
    const bool full = column() + 1 + word.size() > kLineBytesAtEase;
    if (full && !fresh_ && !only_name() && !word.empty()) begin_line(' ');
    if (!fresh_) out_ += ' ';
    fresh_ = false;
    words_ = true;
    // A word that no line can hold is cut: better than a line that a server would refuse.
    while (column() + word.size() > kLineBytes) {
      const std::size_t fits = kLineBytes - column();
      append_safe(word.substr(0, fits));
      word.remove_prefix(fits);
      begin_line(' ');
      fresh_ = false;
    }
    append_safe(word);
  }

 private:
  std::size_t column() const { return out_.size() - line_start_; }

  /// A line that held nothing but the name would fold into one of blanks only, were the first word to go
  /// below it.
  bool only_name() const { return !words_; }

  void append_safe(std::string_view word) {
    const auto start = static_cast<std::ptrdiff_t>(out_.size());
    out_ += word;
    std::replace_if(
        out_.begin() + start, out_.end(), [](char c) { return c <= ' ' || c > '~'; }, '?');
  }

  std::string& out_;
  std::size_t line_start_;
  bool fresh_ = true;
  bool words_ = false;
};

}  // namespace

bool HeaderField::is(std::string_view wanted) const { return !wanted.empty() && equal_nocase(name, wanted); }

std::optional<HeaderField> HeaderReader::next() {
  if (rest_.empty() || rest_.substr(0, kLineEnd.size()) == kLineEnd) return std::nullopt;

  HeaderField field;
  const bool named = first_line(rest_) == FirstLine::Field;
  field.raw = rest_.substr(0, named ? field_bytes(rest_) : line_bytes(rest_));
  rest_.remove_prefix(field.raw.size());
  if (!named) return field;

  const auto colon = field.raw.find(':');
  field.name = trim(field.raw.substr(0, colon));
  field.value = field.raw.substr(colon + 1);
  if (field.value.ends_with(kLineEnd)) field.value.remove_suffix(kLineEnd.size());
  return field;
}

FirstLine first_line(std::string_view content) {
  std::size_t at = 0;
  while (at < content.size() && at < kLineBytes && is_name_byte(content[at])) ++at;
  const bool has_name = at > 0;
  // `To : x` is an old way to write a field (RFC 5322 4.5.8), which readers still take.
  while (has_name && at < content.size() && at < kLineBytes && is_blank(content[at])) ++at;

  if (at == kLineBytes) return FirstLine::Text;
  if (at == content.size()) return FirstLine::Undecided;
  if (content[at] == ':') return has_name ? FirstLine::Field : FirstLine::Text;
  if (has_name || content[at] != '\r') return FirstLine::Text;
  if (content.size() == 1) return FirstLine::Undecided;
  return content[1] == '\n' ? FirstLine::Empty : FirstLine::Text;
}

std::size_t header_end(std::string_view content, std::size_t from) {
  static constexpr std::string_view kEmptyLine = "\r\n\r\n";
  if (content.starts_with(kLineEnd)) return 0;
  const std::size_t overlap = kEmptyLine.size() - 1;
  const auto at = content.find(kEmptyLine, from > overlap ? from - overlap : 0);
  return at == std::string_view::npos ? at : at + kLineEnd.size();
}

std::string header_section(std::string_view content_prefix, std::size_t bytes_max) {
  std::string section;
  HeaderReader reader(content_prefix);
  while (const auto field = reader.next()) {
    // A line that the end of the prefix cuts is not shown in part.
    if (!field->raw.ends_with(kLineEnd) || section.size() + field->raw.size() > bytes_max) break;
    section += field->raw;
  }
  return section;
}

std::string unfolded(std::string_view value, std::size_t bytes_max) {
  std::string line;
  for (;;) {
    const auto end = value.find(kLineEnd);
    line += value.substr(0, end);
    if (end == std::string_view::npos) break;
    value.remove_prefix(end + kLineEnd.size());
  }
  line = trim(line);
  if (line.size() <= bytes_max) return line;

  std::size_t cut = bytes_max;
  while (cut > 0 && (static_cast<unsigned char>(line[cut]) & 0xC0) == 0x80) --cut;
  // Bytes that are no UTF-8 at all may be nothing but continuations; those are cut where the bound says.
  line.resize(bytes_max - cut <= 3 ? cut : bytes_max);
  return line;
}

std::string header_line(std::string_view name, std::initializer_list<std::string_view> parts) {
  std::string out;
  out.reserve(4 * kLineBytesAtEase);
  LineFolder folder(out);
  folder.add_name(name);
  bool first = true;
  for (std::string_view part : parts) {
    if (trim(part).empty()) continue;
    if (!first) folder.begin_line('\t');
    first = false;
    for (std::string_view word : split(trim(part), ' ')) folder.add_word(word);
  }
  return out += kLineEnd;
}

}  // namespace mailchute
