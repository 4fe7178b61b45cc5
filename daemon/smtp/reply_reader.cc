#include "smtp/reply_reader.h"

#include <algorithm>
#include <utility>

#include "base/limits.h"

namespace mailchute {

namespace {

constexpr std::size_t kCodeBytes = 3;
constexpr std::size_t kShownBytes =
    80;  // of a line that is no reply: enough to recognise a banner of another protocol

constexpr const char* kEndless = "the upstream's reply does not end";

bool is_digit(char c) { return c >= '0' && c <= '9'; }

int code_of(std::string_view line) { return (line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0'); }

/// A code, and behind it nothing, a blank or the hyphen of a line that is not the last (RFC 5321 4.2.1). What
/// class the code is of is the session's matter, except that 0xx would pass for "no reply came".
bool has_reply_form(std::string_view line) {
  if (line.size() < kCodeBytes || line[0] == '0') return false;
  if (!std::all_of(line.begin(), line.begin() + kCodeBytes, is_digit)) return false;
  return line.size() == kCodeBytes || line[kCodeBytes] == ' ' || line[kCodeBytes] == '-';
}

bool is_last(std::string_view line) { return line.size() == kCodeBytes || line[kCodeBytes] != '-'; }

/// One to three digits off the front of `text` (RFC 3463 2).
bool skip_number(std::string_view& text) {
  std::size_t digits = 0;
  while (digits < text.size() && is_digit(text[digits])) ++digits;
  text.remove_prefix(digits);
  return digits >= 1 && digits <= 3;
}

bool skip_dot(std::string_view& text) {
  if (text.empty() || text.front() != '.') return false;
  text.remove_prefix(1);
  return true;
}

/// Takes `5.1.1 ` off the front of `text`, when it is there; empty otherwise (RFC 2034 4).
std::string_view take_enhanced(std::string_view& text) {
  std::string_view rest = text;
  if (rest.empty() || (rest.front() != '2' && rest.front() != '4' && rest.front() != '5')) return {};
  rest.remove_prefix(1);
  if (!skip_dot(rest) || !skip_number(rest) || !skip_dot(rest) || !skip_number(rest)) return {};
  if (!rest.empty() && rest.front() != ' ') return {};

  const std::string_view enhanced = text.substr(0, text.size() - rest.size());
  text = rest.substr(std::min<std::size_t>(1, rest.size()));
  return enhanced;
}

/// Adds one line, without its code and line end. The last enhanced code that a line carries counts; one whose
/// class contradicts the code is worth nothing, and must not leave an earlier one standing (RFC 2034 4).
void add_line(Reply& reply, std::string_view text) {
  const std::string_view enhanced = take_enhanced(text);
  if (!enhanced.empty())
    reply.enhanced = enhanced.front() - '0' == reply.code / 100 ? enhanced : std::string_view();
  reply.text += text.substr(0, limits::kReplyLineBytes);
}

}  // namespace

void ReplyReader::receive(std::string_view bytes) {
  if (begin_ > 0) {
    buffer_.erase(0, begin_);
    line_ -= begin_;
    searched_ -= begin_;
    begin_ = 0;
  }
  buffer_ += bytes;
}

std::optional<Result<Reply>> ReplyReader::next() {
  if (fault_) return Result<Reply>(tl::unexpected(*fault_));
  while (const auto line = next_line()) {
    if (auto form = check(*line); !form) return broken(std::move(form).error());
    line_ = searched_;
    ++lines_;
    if (is_last(*line)) return take_reply();
  }
  if (buffer_.size() - begin_ > limits::kReplyBytes) return broken(Error(kEndless));
  return std::nullopt;
}

Result<Reply> ReplyReader::broken(Error fault) {
  fault_ = std::move(fault);
  return tl::unexpected(*fault_);
}

/// The next whole line without its end, which is LF: a CR before it is dropped, so that CRLF, a bare LF and
/// CR CR LF all end a line and none of them can smuggle a second line into a text.
std::optional<std::string_view> ReplyReader::next_line() {
  const auto end = buffer_.find('\n', searched_);
  searched_ = end == std::string::npos ? buffer_.size() : end + 1;
  if (end == std::string::npos) return std::nullopt;

  std::string_view line = std::string_view(buffer_).substr(line_, end - line_);
  while (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  return line;
}

Result<void> ReplyReader::check(std::string_view line) const {
  if (!has_reply_form(line))
    return fail("not an SMTP reply: \"" + std::string(line.substr(0, kShownBytes)) + "\"");
  // RFC 5321 4.2.1: the code of all lines is the same. There is no telling which one is meant.
  const int first = code_of(unread());
  if (code_of(line) != first)
    return fail("one reply with two codes: " + std::to_string(first) + " and " +
                std::to_string(code_of(line)));
  if (lines_ >= limits::kReplyLines || searched_ - begin_ > limits::kReplyBytes) return fail(kEndless);
  return {};
}

/// Builds the reply from its lines, all of which check() has passed.
Reply ReplyReader::take_reply() {
  std::string_view lines = unread().substr(0, line_ - begin_);
  Reply reply{code_of(lines), "", ""};
  for (bool first = true; !lines.empty(); first = false) {
    std::string_view line = lines.substr(0, lines.find('\n'));
    lines.remove_prefix(line.size() + 1);
    while (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    if (!first) reply.text += '\n';
    add_line(reply, line.substr(std::min(line.size(), kCodeBytes + 1)));
  }
  begin_ = line_;
  lines_ = 0;
  return reply;
}

}  // namespace mailchute
