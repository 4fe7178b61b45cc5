#include "settings/scan.h"

#include <string_view>
#include <vector>

#include "base/text.h"

namespace mailchute {

namespace {

constexpr std::string_view kOneDocument = "a configuration file holds one document";

/// Goes through the text line by line; only open brackets reach from one line to the next.
class Scanner {
 public:
  Scanner(int source, Report& report) : source_(source), report_(report) {
    scanned_.text = report.source(source).text;
  }

  Scanned run() {
    if (!text_is_readable()) return std::move(scanned_);
    for (std::size_t begin = 0; begin < scanned_.text.size() && !stopped_;) {
      const auto newline = scanned_.text.find('\n', begin);
      const std::size_t next = newline == std::string::npos ? scanned_.text.size() : newline + 1;
      begin_ = begin;
      end_ = newline == std::string::npos ? next : newline;
      if (end_ > begin_ && scanned_.text[end_ - 1] == '\r') --end_;
      ++line_;
      scan_line();
      begin = next;
    }
    for (const auto& bracket : stopped_ ? std::vector<Bracket>{} : open_) {
      report_.error(bracket.where, std::string("this ") + bracket.character + " is never closed",
                    "close it, or put the text in quotes if it is meant so");
      scanned_.readable = false;
    }
    if (!scanned_.damaged.empty() || !scanned_.readable) report_.incomplete();
    return std::move(scanned_);
  }

 private:
  struct Bracket {
    char character;
    Where where;
  };

  char at(std::size_t position) const { return position < end_ ? scanned_.text[position] : '\n'; }
  bool blank_at(std::size_t position) const { return at(position) == ' ' || at(position) == '\n'; }
  bool in_flow() const { return !open_.empty(); }
  Where where(std::size_t position) const {
    return {source_, line_, static_cast<int>(position - begin_) + 1};
  }

  /// Reports and blanks what stands from `position` up to `until`.
  void refuse(std::size_t position, std::size_t until, std::string message, std::string hint) {
    report_.error(where(position), std::move(message), std::move(hint));
    scanned_.text.replace(position, until - position, until - position, ' ');
    scanned_.damaged.insert(line_);
  }

  /// Nothing behind this place is looked at.
  void stop(std::size_t position, std::string message, std::string hint) {
    refuse(position, scanned_.text.size(), std::move(message), std::move(hint));
    stopped_ = true;
  }

  bool text_is_readable();
  void scan_line();
  bool document_mark();
  bool skipped_block(std::size_t content);
  std::size_t token(std::size_t position);
  std::size_t open_bracket(std::size_t position);
  std::size_t close_bracket(std::size_t position);
  std::size_t quoted(std::size_t position);
  std::size_t unclosed(std::size_t position);
  std::size_t property(std::size_t position);
  std::size_t plain(std::size_t position);
  std::size_t plain_end(std::size_t position) const;

  int source_;
  Report& report_;
  Scanned scanned_;
  std::size_t begin_ = 0;  ///< Of the line.
  std::size_t end_ = 0;    ///< Behind its last byte, before its line end.
  int line_ = 0;
  std::vector<Bracket> open_;
  bool content_seen_ = false;
  bool stopped_ = false;
  std::size_t block_indent_ = std::string::npos;  ///< Of the line whose block text is being skipped.
};

/// What no YAML reader should see: other encodings, control bytes.
bool Scanner::text_is_readable() {
  const std::string& text = scanned_.text;
  const auto refuse_all = [&](int line, int column, std::string message, std::string hint) {
    report_.error({source_, line, column}, std::move(message), std::move(hint));
    report_.incomplete();
    return scanned_.readable = false;
  };
  if (text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF"))
    return refuse_all(1, 1, "the text is UTF-16", "save it as UTF-8");
  int line = 1;
  std::size_t begin = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const bool line_end = byte == '\n' || (byte == '\r' && i + 1 < text.size() && text[i + 1] == '\n');
    if ((byte < 0x20 && byte != '\t' && !line_end) || byte == 0x7F)
      return refuse_all(line, static_cast<int>(i - begin) + 1, "a control byte stands here",
                        byte == 0 ? "is it UTF-16? save it as UTF-8" : "remove it");
    if (byte != '\n') continue;
    if (!valid_utf8(std::string_view(text).substr(begin, i - begin))) break;
    ++line;
    begin = i + 1;
  }
  const auto end = text.find('\n', begin);
  if (valid_utf8(std::string_view(text).substr(begin, end == std::string::npos ? end : end - begin)))
    return true;
  return refuse_all(line, 1, "this line is not UTF-8", "save the file as UTF-8");
}

void Scanner::scan_line() {
  if (end_ - begin_ > kLineBytes)
    return refuse(begin_, end_, "this line is longer than " + std::to_string(kLineBytes) + " bytes", "");
  std::size_t position = begin_;
  while (at(position) == ' ' || at(position) == '\t') ++position;
  if (skipped_block(position)) return;
  const std::size_t tab =
      begin_ + std::string_view(scanned_.text).substr(begin_, position - begin_).find('\t');
  if (at(position) == '\n' || at(position) == '#') {
    scanned_.text.replace(begin_, position - begin_, position - begin_, ' ');
    return;
  }
  if (tab >= begin_ && tab < position)
    return refuse(tab, end_, "a tab indents this line", "indent with spaces");
  if (position == begin_ && document_mark()) return;
  content_seen_ = true;
  while (position < end_ && !stopped_) position = token(position);
}

/// `---`, `...` and `%` stand at the beginning of a line; true when nothing of the line is left to look at.
bool Scanner::document_mark() {
  const std::string_view head =
      std::string_view(scanned_.text).substr(begin_, std::min<std::size_t>(3, end_ - begin_));
  if (at(begin_) == '%') {
    refuse(begin_, end_, "YAML directives are not taken here", "remove the line");
    return true;
  }
  if ((head != "---" && head != "...") || !blank_at(begin_ + 3)) return false;
  if (head == "..." || content_seen_)
    stop(begin_, std::string(kOneDocument), "put the rest into conf.d/, or remove this line");
  else
    scanned_.text.replace(begin_, 3, 3, ' ');
  content_seen_ = true;
  return begin_ + 3 >= end_ || stopped_;
}

/// True for the lines of a block text that was refused: they are indented more than the line that opened it.
bool Scanner::skipped_block(std::size_t content) {
  if (block_indent_ == std::string::npos) return false;
  if (at(content) != '\n' && content - begin_ <= block_indent_) {
    block_indent_ = std::string::npos;
    return false;
  }
  scanned_.text.replace(begin_, end_ - begin_, end_ - begin_, ' ');
  scanned_.damaged.insert(line_);
  return true;
}

/// Looks at what begins at `position`; returns where to go on.
std::size_t Scanner::token(std::size_t position) {
  switch (at(position)) {
    case ' ': return position + 1;
    case '\t':
      refuse(position, position + 1, "a tab stands outside quotes", "use a space");
      return position + 1;
    case '#': return position == begin_ || at(position - 1) == ' ' ? end_ : plain(position);
    case '[':
    case '{': return open_bracket(position);
    case ']':
    case '}': return close_bracket(position);
    case ',': return in_flow() ? position + 1 : plain(position);
    case '-':
    case ':': return blank_at(position + 1) ? position + 1 : plain(position);
    case '?': return blank_at(position + 1) ? property(position) : plain(position);
    case '"':
    case '\'': return quoted(position);
    case '&':
    case '*':
    case '!':
    case '|':
    case '>':
    case '@':
    case '`':
    case '%': return property(position);
    default: return plain(position);
  }
}

std::size_t Scanner::open_bracket(std::size_t position) {
  if (open_.size() + 1 > static_cast<std::size_t>(kNestingMax)) {
    stop(position, "brackets are nested too deeply here", "");
    scanned_.readable = false;
    return end_;
  }
  open_.push_back({at(position), where(position)});
  return position + 1;
}

std::size_t Scanner::close_bracket(std::size_t position) {
  const char opener = at(position) == ']' ? '[' : '{';
  if (open_.empty() || open_.back().character != opener) {
    refuse(position, position + 1, std::string("this ") + at(position) + " closes nothing", "");
    return position + 1;
  }
  open_.pop_back();
  return position + 1;
}

/// YAML lets a quoted text go on over lines; here it ends on its line, or a forgotten quote would be found a
/// page later.
std::size_t Scanner::quoted(std::size_t position) {
  const char quote = at(position);
  std::size_t i = position + 1;
  for (; i < end_; ++i) {
    if (quote == '"' && at(i) == '\\') {
      ++i;
      continue;
    }
    if (at(i) != quote) continue;
    if (quote == '"' || at(i + 1) != quote) break;
    ++i;
  }
  if (i >= end_) return unclosed(position);
  const char next = at(i + 1);
  const bool ends_well = blank_at(i + 1) || next == ':' || next == '\t' ||
                         (in_flow() && (next == ',' || next == ']' || next == '}'));
  if (ends_well) return i + 1;
  const std::size_t until = plain_end(i + 1);
  refuse(i + 1, until, "text follows a closing quote",
         quote == '"' ? "write \\\" for a quote inside" : "write '' for a quote inside");
  return until;
}

/// Blanks the text, but closes the brackets that this line has opened, so that the lines below still mean
/// what they say.
std::size_t Scanner::unclosed(std::size_t position) {
  refuse(position, end_, "this quote is not closed on its line",
         "close it; a text ends on the line it begins on");
  std::size_t close_at = end_;
  std::size_t first = open_.size();
  while (first > 0 && open_[first - 1].where.line == line_) --first;
  for (std::size_t i = first; i < open_.size() && close_at > position; ++i) --close_at;
  for (std::size_t i = close_at; i < end_; ++i) {
    scanned_.text[i] = open_.back().character == '[' ? ']' : '}';
    open_.pop_back();
  }
  return end_;
}

/// The parts of YAML that are refused: each would let a value stand somewhere else, or be something else,
/// than it seems.
std::size_t Scanner::property(std::size_t position) {
  const std::string quote_it = "if the text is meant so, put it in quotes";
  std::size_t until = position;
  while (until < end_ && at(until) != ' ' &&
         !(in_flow() && std::string_view(",[]{}").find(at(until)) != std::string_view::npos))
    ++until;
  switch (at(position)) {
    case '&': refuse(position, until, "anchors are not taken here", quote_it); return until;
    case '*': refuse(position, until, "aliases are not taken here", quote_it); return until;
    case '!': refuse(position, until, "tags are not taken here", quote_it); return until;
    case '?': refuse(position, end_, "keys are plain words here", "write key: value"); return end_;
    case '|':
    case '>':
      block_indent_ = scanned_.text.find_first_not_of(' ', begin_) - begin_;
      refuse(position, end_, "texts over several lines are not taken here",
             "write it on one line; " + quote_it);
      return end_;
    default: break;
  }
  const std::size_t end = plain_end(position);
  refuse(position, end, std::string("YAML keeps ") + at(position) + " for itself", "put the text in quotes");
  return end;
}

std::size_t Scanner::plain(std::size_t position) {
  const std::size_t end = plain_end(position);
  std::size_t last = end;
  while (last > position && at(last - 1) == ' ') --last;
  for (std::size_t i = position; i < last; ++i)
    if (at(i) == '\t') refuse(i, i + 1, "a tab stands outside quotes", "use a space");
  if (last > position && (at(last - 1) == '"' || at(last - 1) == '\''))
    refuse(last - 1, last, "this quote was never opened",
           "open it, or put the whole text in quotes of the other kind");
  return std::max(end, position + 1);
}

std::size_t Scanner::plain_end(std::size_t position) const {
  for (; position < end_; ++position) {
    const char c = at(position);
    const bool flow_mark = in_flow() && std::string_view(",[]{}").find(c) != std::string_view::npos;
    const char next = at(position + 1);
    const bool flow_next = in_flow() && std::string_view(",[]{}").find(next) != std::string_view::npos;
    if (flow_mark || (c == ':' && (blank_at(position + 1) || next == '\t' || flow_next))) return position;
    if ((c == ' ' || c == '\t') && next == '#') return position;
  }
  return end_;
}

}  // namespace

Scanned scan(int source, Report& report) { return Scanner(source, report).run(); }

}  // namespace mailchute
