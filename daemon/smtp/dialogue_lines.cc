#include "smtp/dialogue_lines.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace mailchute {

namespace {

constexpr std::size_t kLineBytes = 512;
constexpr std::string_view kEnd = "\r\n.\r\n";
constexpr std::size_t kAfterLineEnd = 2;  // content begins as if a line had just ended
constexpr char kMark[] = "(not shown)";

constexpr std::array<std::string_view, 14> kVerbs = {"EHLO", "HELO",     "MAIL", "RCPT", "DATA",
                                                     "BDAT", "RSET",     "NOOP", "QUIT", "VRFY",
                                                     "EXPN", "STARTTLS", "HELP", "AUTH"};

bool knows(std::string_view verb) {
  return std::any_of(kVerbs.begin(), kVerbs.end(),
                     [verb](std::string_view each) { return equal_nocase(each, verb); });
}

std::string_view first_word(std::string_view line) { return line.substr(0, line.find_first_of(" \t")); }

std::string_view second_word(std::string_view line) {
  return first_word(trim(line.substr(std::min(line.size(), first_word(line).size()))));
}

/// Takes a line off `bytes` into `kept`, which is cut at kLineBytes; true when it is whole, without its end.
bool take_line(std::string_view& bytes, std::string& kept) {
  const auto end = bytes.find('\n');
  const std::string_view part = bytes.substr(0, end);
  kept += part.substr(0, kLineBytes - std::min(kLineBytes, kept.size()));
  if (end == std::string_view::npos) {
    bytes = {};
    return false;
  }
  bytes.remove_prefix(end + 1);
  if (kept.ends_with('\r')) kept.pop_back();
  return true;
}

}  // namespace

std::vector<std::string> DialogueLines::client(std::string_view bytes) {
  std::vector<std::string> shown;
  while (!bytes.empty()) {
    switch (phase_) {
      case Phase::Content: take_content(bytes); break;
      case Phase::Chunk: take_chunk(bytes); break;
      // Whoever does not wait for the answer to DATA sends content, or means harm.
      case Phase::Asked: return shown;
      case Phase::Commands:
      case Phase::Login:
        if (!take_line(bytes, client_line_)) return shown;
        take_command(client_line_, shown);
        client_line_.clear();
        break;
    }
  }
  return shown;
}

void DialogueLines::take_command(std::string_view line, std::vector<std::string>& shown) {
  const std::string_view verb = first_word(line);
  const std::size_t before = owed_++;
  if (phase_ == Phase::Login) return shown.emplace_back(kMark), void();
  if (!knows(verb)) return shown.push_back("(" + std::to_string(line.size()) + " bytes that are no command)");
  if (equal_nocase(verb, "AUTH")) {
    phase_ = Phase::Login;
    const std::string mechanism(second_word(line));
    const bool more = trim(line).size() > verb.size() + 1 + mechanism.size();
    return shown.push_back("AUTH " + mechanism + (more ? std::string(" ") + kMark : ""));
  }
  shown.emplace_back(line);
  if (equal_nocase(verb, "DATA")) {
    phase_ = Phase::Asked;
    before_data_ = before;
  }
  if (!equal_nocase(verb, "BDAT")) return;
  chunk_left_ = parse_unsigned(second_word(line)).value_or(0);
  if (chunk_left_ > 0) phase_ = Phase::Chunk;
}

void DialogueLines::take_content(std::string_view& bytes) {
  while (!bytes.empty() && phase_ == Phase::Content) {
    const char byte = bytes.front();
    bytes.remove_prefix(1);
    if (byte == kEnd[end_matched_])
      ++end_matched_;
    else
      end_matched_ = byte == kEnd[0] ? 1 : 0;
    if (end_matched_ < kEnd.size()) continue;
    phase_ = Phase::Commands;
    ++owed_;
  }
}

void DialogueLines::take_chunk(std::string_view& bytes) {
  const auto taken = static_cast<std::size_t>(std::min<std::uint64_t>(chunk_left_, bytes.size()));
  bytes.remove_prefix(taken);
  chunk_left_ -= taken;
  if (chunk_left_ == 0) phase_ = Phase::Commands;
}

std::vector<std::string> DialogueLines::server(std::string_view bytes) {
  std::vector<std::string> shown;
  while (!bytes.empty() && take_line(bytes, server_line_)) {
    const bool last = server_line_.size() < 4 || server_line_[3] != '-';
    if (last) take_reply(server_line_);
    shown.push_back(std::move(server_line_));
    server_line_.clear();
  }
  return shown;
}

// Only DATA is answered so, whatever was counted.
void DialogueLines::take_reply(std::string_view line) {
  const bool go_on = line.starts_with("354");
  const bool answers_data = phase_ == Phase::Asked && before_data_ == 0;
  if (phase_ == Phase::Asked && before_data_ > 0) --before_data_;
  if (owed_ > 0) --owed_;
  if (go_on && (phase_ == Phase::Asked || phase_ == Phase::Commands)) {
    phase_ = Phase::Content;
    end_matched_ = kAfterLineEnd;
  } else if (answers_data || (phase_ == Phase::Login && !line.starts_with("334"))) {
    phase_ = Phase::Commands;
  }
}

}  // namespace mailchute
