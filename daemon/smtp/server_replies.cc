#include "smtp/server_replies.h"

#include <algorithm>

#include "base/text.h"

namespace mailchute {

namespace {

/// RFC 5321 4.5.3.1.5, with the CRLF.
constexpr std::size_t kLineBytes = 512;

/// The texts are ours, but some are built from settings: nothing in them may end a line or leave ASCII.
std::string plain(std::string_view text) {
  std::string out(text);
  std::replace_if(
      out.begin(), out.end(), [](char c) { return c < ' ' || c >= 0x7f; }, '?');
  return out;
}

}  // namespace

std::string reply_bytes(const Reply& reply) {
  const std::string code = std::to_string(reply.code);
  const std::string enhanced = reply.enhanced.empty() ? "" : reply.enhanced + " ";
  const auto lines = split(reply.text, '\n');
  std::string bytes;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    std::string line = code + (i + 1 < lines.size() ? "-" : " ") + enhanced + plain(lines[i]);
    line.resize(std::min(line.size(), kLineBytes - 2));
    bytes += line + "\r\n";
  }
  return bytes;
}

Reply completed(const Reply& reply, const Reply& usual) {
  Reply whole = reply;
  if (whole.text.empty()) whole.text = usual.text;
  if (whole.enhanced.empty() && whole.code / 100 == usual.code / 100) whole.enhanced = usual.enhanced;
  return whole;
}

}  // namespace mailchute
