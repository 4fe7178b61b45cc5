#include "mail/encoded_word.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "base/text.h"

namespace mailchute {

namespace {

constexpr std::size_t kWordBytes = 75;                 // RFC 2047 2, for one encoded word with its frame
constexpr std::size_t kFrameBytes = 7;                 // of it, without the charset
constexpr std::size_t kPlainWordBytes = 100;           // longer ones are encoded, which makes places to fold
constexpr std::size_t kFieldWordBytes = 900;           // one that a line cannot hold would be cut
constexpr std::string_view kUnknown = "unknown-8bit";  // RFC 1428 3

bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool is_graphic(char c) { return c > ' ' && c <= '~'; }
bool is_all_graphic(std::string_view text) { return std::all_of(text.begin(), text.end(), is_graphic); }

/// RFC 5322 3.2.3.
bool is_atom(std::string_view word) {
  static constexpr std::string_view kMarks = "!#$%&'*+-/=?^_`{|}~";
  const auto fits = [](char c) { return is_letter_or_digit(c) || kMarks.find(c) != std::string_view::npos; };
  return !word.empty() && std::all_of(word.begin(), word.end(), fits);
}

/// RFC 2231 5 puts a language behind the charset; nobody needs it.
std::string_view without_language(std::string_view charset) { return charset.substr(0, charset.find('*')); }

/// RFC 2047 2 `token`, in the letters that charsets are named with. The especials that some registered names
/// hold (`ISO_8859-1:1987`) are not among them: a colon in a phrase would end it, and make a group of it.
bool is_charset(std::string_view text) {
  const auto fits = [](char c) { return is_letter_or_digit(c) || c == '-' || c == '_' || c == '+'; };
  return !text.empty() && text.size() <= 40 && std::all_of(text.begin(), text.end(), fits);
}

struct Parts {
  std::string_view charset;
  char encoding = 0;  ///< `B` or `Q`.
  std::string_view text;
};

std::optional<Parts> parts_of(std::string_view word) {
  if (word.size() < 8 || !word.starts_with("=?") || !word.ends_with("?=")) return std::nullopt;
  word = word.substr(2, word.size() - 4);
  const auto first = word.find('?');
  if (first == std::string_view::npos || word.size() < first + 3 || word[first + 2] != '?')
    return std::nullopt;
  Parts parts;
  parts.charset = without_language(word.substr(0, first));
  parts.encoding = static_cast<char>(word[first + 1] & ~0x20);
  parts.text = word.substr(first + 3);
  const bool known = parts.encoding == 'B' || parts.encoding == 'Q';
  if (!known || !is_charset(parts.charset) || parts.text.find('?') != std::string_view::npos)
    return std::nullopt;
  return parts;
}

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char small = static_cast<char>(c | 0x20);
  return small >= 'a' && small <= 'f' ? small - 'a' + 10 : -1;
}

std::optional<std::string> decode_q(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '=') {
      out += text[at] == '_' ? ' ' : text[at];
      continue;
    }
    if (at + 2 >= text.size()) return std::nullopt;
    const int high = hex_value(text[at + 1]);
    const int low = hex_value(text[at + 2]);
    if (high < 0 || low < 0) return std::nullopt;
    out += static_cast<char>(high * 16 + low);
    at += 2;
  }
  return out;
}

/// Some programs leave the padding off.
std::optional<std::string> decode_b(std::string_view text) {
  std::string padded(text);
  while (padded.size() % 4 != 0) padded += '=';
  return base64_decode(padded);
}

/// In these, bytes that look like ASCII may be part of something else.
bool keeps_ascii_apart(std::string_view charset) {
  for (const char* shifting : {"iso-2022", "utf-7", "utf-16", "utf-32", "hz", "ucs"})
    if (starts_nocase(charset, shifting)) return false;
  return true;
}

bool is_utf8(std::string_view charset) {
  return equal_nocase(charset, "utf-8") || equal_nocase(charset, "utf8");
}

/// The bytes of the character at `at`; a word of RFC 2047 must not end inside of one (5, last rule).
std::size_t character_bytes(std::string_view bytes, std::size_t at, bool utf8) {
  const auto byte = static_cast<unsigned char>(bytes[at]);
  std::size_t count = 1;
  if (utf8)
    count = byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : byte >= 0xC0 ? 2 : 1;
  else if (byte >= 0x80)
    count = 2;
  return std::min(count, bytes.size() - at);
}

/// A stretch of words that are all encoded words already, or all something else, with single blanks.
struct Stretch {
  bool encoded = false;
  std::string text;
};

std::vector<Stretch> stretches(std::string_view display) {
  std::vector<Stretch> out;
  for (std::string_view word : split(display, ' ')) {
    if (word.empty()) continue;
    const bool encoded = is_encoded_word(word);
    if (out.empty() || out.back().encoded != encoded)
      out.push_back({encoded, std::string(word)});
    else
      out.back().text += " " + std::string(word);
  }
  return out;
}

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

bool is_plain(std::string_view text) {
  const auto words = split(text, ' ');
  return std::all_of(words.begin(), words.end(), [](std::string_view word) {
    return is_all_graphic(word) && word.size() <= kPlainWordBytes;
  });
}

/// Blanks between two encoded words are not shown (RFC 2047 6.2), so the one that belongs there goes inside.
std::string encoded_part(std::string text, bool after_encoded, bool before_encoded,
                         std::string_view charset) {
  if (after_encoded) text.insert(0, " ");
  if (before_encoded) text += ' ';
  return encode_words(text, valid_utf8(text) ? "UTF-8" : charset);
}

/// RFC 2047 5 (3): inside a phrase the text of a Q word has none of the bytes that mean something in a list
/// of addresses; where a program has written one all the same, the word is written anew.
std::string phrase_word(std::string_view word) {
  static constexpr std::string_view kMarks = "!*+-/=_";
  const auto fits = [](char c) { return is_letter_or_digit(c) || kMarks.find(c) != std::string_view::npos; };
  const auto parts = parts_of(word);
  if (!parts || parts->encoding == 'B' || std::all_of(parts->text.begin(), parts->text.end(), fits))
    return std::string(word);
  return encode_words(decode_q(parts->text).value_or(std::string()), parts->charset);
}

std::string encoded_stretch(std::string_view text) {
  std::string out;
  for (std::string_view word : split(text, ' ')) out += (out.empty() ? "" : " ") + phrase_word(word);
  return out;
}

std::string plain_part(const std::string& text) {
  const auto words = split(text, ' ');
  return std::all_of(words.begin(), words.end(), is_atom) ? text : quoted(text);
}

std::string on_one_line(std::string_view text) {
  std::string line;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text.substr(at, 2) == "\r\n")
      ++at;
    else
      line += text[at] == '\t' ? ' ' : text[at];
  }
  return std::string(trim(line));
}

}  // namespace

bool is_encoded_word(std::string_view word) {
  const auto parts = parts_of(word);
  return parts && (parts->encoding == 'B' ? decode_b(parts->text) : decode_q(parts->text)).has_value();
}

std::optional<CharsetText> decode_words(std::string_view text) {
  CharsetText decoded;
  text = trim(text);
  while (!text.empty()) {
    // The end of a word is looked for behind its frame, for a Q word may begin with `=`.
    const auto charset_end = text.find('?', 2);
    const auto text_start =
        charset_end == std::string_view::npos ? charset_end : text.find('?', charset_end + 1);
    const auto end = text_start == std::string_view::npos ? text_start : text.find("?=", text_start + 1);
    if (end == std::string_view::npos) return std::nullopt;
    const auto parts = parts_of(text.substr(0, end + 2));
    if (!parts || !keeps_ascii_apart(parts->charset)) return std::nullopt;
    if (decoded.charset.empty()) decoded.charset = parts->charset;
    if (!equal_nocase(decoded.charset, parts->charset)) return std::nullopt;
    const auto bytes = parts->encoding == 'B' ? decode_b(parts->text) : decode_q(parts->text);
    if (!bytes) return std::nullopt;
    decoded.bytes += *bytes;
    text = trim(text.substr(end + 2));
  }
  if (decoded.charset.empty()) return std::nullopt;
  return decoded;
}

std::string encode_words(std::string_view bytes, std::string_view charset) {
  const std::size_t frame = std::min(kFrameBytes + charset.size(), kWordBytes - 8);
  const std::size_t fits = (kWordBytes - frame) / 4 * 3;  // base64 makes four bytes of three
  const bool utf8 = is_utf8(charset);
  std::string out;
  while (!bytes.empty()) {
    std::size_t taken = 0;
    while (taken < bytes.size()) {
      const std::size_t next = character_bytes(bytes, taken, utf8);
      if (taken + next > fits) break;
      taken += next;
    }
    if (!out.empty()) out += ' ';
    out += "=?" + std::string(charset) + "?B?" + base64_encode(bytes.substr(0, taken)) + "?=";
    bytes.remove_prefix(taken);
  }
  return out;
}

std::string encoded_text(std::string_view text) {
  const std::string line = on_one_line(text);
  std::string out;
  std::string run;  // Words to be encoded, with the blanks that no reader would show otherwise.
  std::string blanks;
  bool after_encoded = false;
  const auto end_run = [&](bool before_encoded) {
    if (run.empty()) return;
    out += (out.empty() ? "" : " ") + encoded_part(run, after_encoded, before_encoded, kUnknown);
    run.clear();
    after_encoded = true;
  };
  for (std::string_view word : split(line, ' ')) {
    if (word.empty()) {
      blanks += ' ';  // one more blank than the one between words
      continue;
    }
    if (!is_all_graphic(word) || word.size() > kFieldWordBytes) {
      run += (run.empty() ? "" : " ") + std::exchange(blanks, {}) + std::string(word);
      continue;
    }
    end_run(is_encoded_word(word));
    out += (out.empty() ? "" : " ") + std::exchange(blanks, {}) + std::string(word);
    after_encoded = is_encoded_word(word);
  }
  end_run(false);
  return out;
}

std::string phrase(std::string_view display, std::string_view charset) {
  if (!is_charset(charset)) charset = kUnknown;
  const auto parts = stretches(display);
  std::string out;
  for (std::size_t at = 0; at < parts.size(); ++at) {
    if (!out.empty()) out += ' ';
    if (parts[at].encoded)
      out += encoded_stretch(parts[at].text);
    else if (is_plain(parts[at].text))
      out += plain_part(parts[at].text);
    else
      out += encoded_part(parts[at].text, at > 0, at + 1 < parts.size(), charset);
  }
  return out;
}

}  // namespace mailchute
