#include "mail/seven_bit.h"

#include <algorithm>

#include "base/ascii.h"
#include "base/text.h"
#include "mail/transfer_encoding.h"

namespace mailchute {

namespace {

constexpr std::string_view kLineEnd = "\r\n";
constexpr std::size_t kLineBytes = 998;  // RFC 5322 2.1.1
// An encoded word is at most 75 characters (RFC 2047 2); 12 of them are its frame, and base64 makes 4 of 3.
constexpr std::size_t kEncodedWordBytes = (75 - 12) / 4 * 3;
constexpr std::string_view kSmallHex = "0123456789abcdef";  // as printable() writes them

bool is_printable_ascii(char c) { return c >= ' ' && c <= '~'; }
bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

std::string hex(char c, std::string_view digits) {
  const auto byte = static_cast<unsigned char>(c);
  return {digits[byte >> 4], digits[byte & 15]};
}

/// The longest front of `text` of at most `bytes_max` bytes that ends between two characters.
std::string_view front(std::string_view text, std::size_t bytes_max) {
  if (text.size() <= bytes_max) return text;
  std::size_t cut = bytes_max;
  while (cut > 0 && is_continuation(text[cut])) --cut;
  return text.substr(0, cut == 0 ? bytes_max : cut);
}

}  // namespace

bool is_seven_bit(std::string_view content) {
  std::size_t column = 0;
  for (std::size_t at = 0; at < content.size(); ++at) {
    if (content.substr(at, kLineEnd.size()) == kLineEnd) {
      ++at;
      column = 0;
      continue;
    }
    if (!is_printable_ascii(content[at]) && content[at] != '\t') return false;
    if (++column > kLineBytes) return false;
  }
  return true;
}

std::string quoted_printable(std::string_view content) {
  QuotedLines lines;
  std::string out = lines.take(content);
  return out += lines.finish();
}

std::string encoded_words(std::string_view text, std::size_t bytes_max) {
  text = front(text, bytes_max);
  if (is_ascii(text) || !valid_utf8(text)) {
    std::string plain(text);
    std::replace_if(
        plain.begin(), plain.end(), [](char c) { return !is_printable_ascii(c); }, '?');
    return plain;
  }
  std::string out;
  while (!text.empty()) {
    const std::string_view word = front(text, kEncodedWordBytes);
    if (!out.empty()) out += ' ';
    out += "=?UTF-8?B?" + base64_encode(word) + "?=";
    text.remove_prefix(word.size());
  }
  return out;
}

std::string ascii_line(std::string_view bytes, std::size_t bytes_max) {
  std::string line(bytes);
  std::replace(line.begin(), line.end(), '\n', ' ');
  std::string out;
  for (char c : printable(line, bytes_max)) {
    const std::string piece = is_printable_ascii(c) ? std::string(1, c) : "\\x" + hex(c, kSmallHex);
    if (out.size() + piece.size() + 3 > bytes_max) return out + "...";
    out += piece;
  }
  return out;
}

}  // namespace mailchute
