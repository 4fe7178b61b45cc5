#include "smtp/server_replies.h"

#include <algorithm>

namespace mailchute {

namespace {

/// RFC 5321 4.5.3.1.5, with the CRLF.
constexpr std::size_t kLineBytes = 512;

/// Code, enhanced code and line end of a reply of one line.
constexpr std::size_t kRoomBesideText = 32;

/// The texts are ours, but some are built from settings: nothing in them may end a line or leave ASCII.
bool is_plain(char c) { return c >= ' ' && c <= '~'; }

void append_line(std::string& bytes, const Reply& reply, std::string_view text, char separator) {
  const std::size_t start = bytes.size();
  bytes += std::to_string(reply.code);
  bytes += separator;
  if (!reply.enhanced.empty()) (bytes += reply.enhanced) += ' ';
  const auto text_start = static_cast<std::ptrdiff_t>(bytes.size());
  bytes += text;
  std::replace_if(
      bytes.begin() + text_start, bytes.end(), [](char c) { return !is_plain(c); }, '?');
  bytes.resize(std::min(bytes.size(), start + kLineBytes - 2));
  bytes += "\r\n";
}

}  // namespace

std::string reply_bytes(const Reply& reply) {
  std::string bytes;
  std::string_view rest = reply.text;
  bytes.reserve(rest.size() + kRoomBesideText);
  for (auto end = rest.find('\n'); end != std::string_view::npos; end = rest.find('\n')) {
    append_line(bytes, reply, rest.substr(0, end), '-');
    rest.remove_prefix(end + 1);
  }
  append_line(bytes, reply, rest, ' ');
  return bytes;
}

Reply completed(const Reply& reply, const Reply& usual) {
  Reply whole = reply;
  if (whole.text.empty()) whole.text = usual.text;
  if (whole.enhanced.empty() && whole.code / 100 == usual.code / 100) whole.enhanced = usual.enhanced;
  return whole;
}

}  // namespace mailchute
