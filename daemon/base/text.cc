#include "base/text.h"

#include <algorithm>
#include <array>
#include <ctime>

namespace mailchute {

namespace {

char lower_byte(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

/// Bytes of the UTF-8 sequence that starts at `at`, or 0 when it is not well-formed; the code point goes to
/// `point`.
std::size_t utf8_sequence(std::string_view bytes, std::size_t at, char32_t& point) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
  const unsigned char first = byte(at);
  std::size_t length = 0;
  char32_t smallest = 0;
  if (first < 0x80) {
    point = first;
    return 1;
  }
  if (first >= 0xC2 && first <= 0xDF) {
    length = 2;
    point = first & 0x1F;
    smallest = 0x80;
  } else if (first >= 0xE0 && first <= 0xEF) {
    length = 3;
    point = first & 0x0F;
    smallest = 0x800;
  } else if (first >= 0xF0 && first <= 0xF4) {
    length = 4;
    point = first & 0x07;
    smallest = 0x10000;
  } else
    return 0;
  if (at + length > bytes.size()) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(at + i) & 0xC0) != 0x80) return 0;
    point = (point << 6) | (byte(at + i) & 0x3F);
  }
  const bool surrogate = point >= 0xD800 && point <= 0xDFFF;
  return point < smallest || point > 0x10FFFF || surrogate ? 0 : length;
}

bool shows_safely(char32_t point) {
  if (point < 0x20 || point == 0x7F || (point >= 0x80 && point < 0xA0)) return false;  // C0, DEL, C1
  // Line and paragraph separators, bidirectional controls, byte order mark: they rewrite what a person sees.
  if (point >= 0x2028 && point <= 0x202E) return false;
  if (point >= 0x2066 && point <= 0x2069) return false;
  return point != 0x200E && point != 0x200F && point != 0xFEFF;
}

bool shows_as_itself(char byte) { return byte >= ' ' && byte <= '~' && byte != '\\'; }

void append_hex(std::string& out, char byte) {
  static constexpr char kDigits[] = "0123456789abcdef";
  const auto value = static_cast<unsigned char>(byte);
  out += "\\x";
  out += kDigits[value >> 4];
  out += kDigits[value & 15];
}

/// Appends the character at `at` in the form in which it may be shown; returns how many bytes it had.
std::size_t append_shown(std::string& out, std::string_view bytes, std::size_t at) {
  char32_t point = 0;
  const std::size_t length = utf8_sequence(bytes, at, point);
  if (length == 0 || !shows_safely(point)) {
    const std::size_t bad = length == 0 ? 1 : length;
    for (std::size_t i = 0; i < bad; ++i) append_hex(out, bytes[at + i]);
    return bad;
  }
  if (point == '\\') out += '\\';
  out += bytes.substr(at, length);
  return length;
}

constexpr char kBase64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

std::array<signed char, 256> base64_values() {
  std::array<signed char, 256> values{};
  values.fill(-1);
  for (int i = 0; i < 64; ++i) values[static_cast<unsigned char>(kBase64[i])] = static_cast<signed char>(i);
  return values;
}

std::tm utc(WallTime time) {
  const std::time_t seconds =
      std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count();
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  return parts;
}

}  // namespace

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = lower_byte(c);
  return out;
}

bool equal_nocase(std::string_view a, std::string_view b) {
  return a.size() == b.size() && starts_nocase(a, b);
}

bool starts_nocase(std::string_view text, std::string_view prefix) {
  if (text.size() < prefix.size()) return false;
  for (std::size_t i = 0; i < prefix.size(); ++i)
    if (lower_byte(text[i]) != lower_byte(prefix[i])) return false;
  return true;
}

std::string_view trim(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  parts.reserve(8);
  for (;;) {
    const auto at = text.find(separator);
    parts.push_back(text.substr(0, at));
    if (at == std::string_view::npos) return parts;
    text.remove_prefix(at + 1);
  }
}

std::optional<std::uint64_t> parse_unsigned(std::string_view digits) {
  if (digits.empty()) return std::nullopt;
  std::uint64_t value = 0;
  for (char c : digits) {
    if (c < '0' || c > '9') return std::nullopt;
    const auto digit = static_cast<std::uint64_t>(c - '0');
    if (value > (UINT64_MAX - digit) / 10) return std::nullopt;
    value = value * 10 + digit;
  }
  return value;
}

std::string printable(std::string_view bytes, std::size_t bytes_max) {
  static constexpr std::string_view kCut = "...";
  if (bytes.size() <= bytes_max && std::all_of(bytes.begin(), bytes.end(), shows_as_itself))
    return std::string(bytes);
  std::string out;
  std::size_t room_for_cut = 0;  // The longest front of `out` that leaves room for the dots.
  for (std::size_t at = 0; at < bytes.size();) {
    at += append_shown(out, bytes, at);
    if (out.size() > bytes_max) return out.substr(0, room_for_cut).append(kCut.substr(0, bytes_max));
    if (out.size() + kCut.size() <= bytes_max) room_for_cut = out.size();
  }
  return out;
}

bool valid_utf8(std::string_view bytes) {
  for (std::size_t at = 0; at < bytes.size();) {
    char32_t point = 0;
    const std::size_t length = utf8_sequence(bytes, at, point);
    if (length == 0) return false;
    at += length;
  }
  return true;
}

std::string base64_encode(std::string_view bytes) {
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    std::uint32_t group = 0;
    const std::size_t count = std::min<std::size_t>(3, bytes.size() - at);
    for (std::size_t i = 0; i < 3; ++i)
      group = (group << 8) | (i < count ? static_cast<unsigned char>(bytes[at + i]) : 0);
    for (std::size_t i = 0; i < 4; ++i) out += i <= count ? kBase64[(group >> (18 - 6 * i)) & 63] : '=';
  }
  return out;
}

std::optional<std::string> base64_decode(std::string_view text) {
  static const auto kValues = base64_values();
  if (text.size() % 4 != 0) return std::nullopt;
  std::size_t padding = 0;
  while (padding < 2 && padding < text.size() && text[text.size() - 1 - padding] == '=') ++padding;
  std::string out;
  std::uint32_t group = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool pad = i >= text.size() - padding;
    const int value = pad ? 0 : kValues[static_cast<unsigned char>(text[i])];
    if (value < 0) return std::nullopt;
    group = (group << 6) | static_cast<std::uint32_t>(value);
    if (i % 4 != 3) continue;
    for (int shift = 16; shift >= 0; shift -= 8) out += static_cast<char>((group >> shift) & 0xFF);
    group = 0;
  }
  // Bits behind the last byte must be zero, or two texts would mean the same secret.
  for (std::size_t i = 0; i < padding; ++i) {
    if (out.back() != '\0') return std::nullopt;
    out.pop_back();
  }
  return out;
}

std::string json_quoted(std::string_view text) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string quoted = "\"";
  for (const char c : valid_utf8(text) ? std::string(text) : printable(text, 4 * text.size())) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') quoted += '\\';
    if (byte >= 0x20)
      quoted += c;
    else
      quoted += std::string("\\u00") + kDigits[byte >> 4] + kDigits[byte & 15];
  }
  return quoted + '"';
}

std::string rfc3339(WallTime time) {
  const std::tm parts = utc(time);
  char text[32];
  return {text, std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts)};
}

std::string rfc5322_date(WallTime time) {
  static constexpr const char* kDays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                            "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const std::tm parts = utc(time);
  char text[32];
  const auto length = std::strftime(text, sizeof text, " %Y %H:%M:%S +0000", &parts);
  const std::string day = (parts.tm_mday < 10 ? "0" : "") + std::to_string(parts.tm_mday);
  return std::string(kDays[parts.tm_wday]) + ", " + day + " " + kMonths[parts.tm_mon] +
         std::string(text, length);
}

bool matches_pattern(std::string_view pattern, std::string_view text) {
  std::size_t p = 0;
  std::size_t t = 0;
  std::size_t star = std::string_view::npos;
  std::size_t mark = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      mark = t;
    } else if (p < pattern.size() && lower_byte(pattern[p]) == lower_byte(text[t])) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++mark;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

}  // namespace mailchute
