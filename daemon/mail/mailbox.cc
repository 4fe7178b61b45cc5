#include "mail/mailbox.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <cstdint>
#include <optional>

#include "base/ascii.h"
#include "base/exit_codes.h"
#include "base/limits.h"
#include "base/text.h"

namespace mailchute {

namespace {

using Utf8 = Mailbox::Utf8;

constexpr std::size_t kLabelBytes = 63;  // RFC 1035 2.3.4

auto bad(const char* why) { return fail(why, exit_code::kBadAddress); }

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_control(char c) { return (c >= 0 && c < ' ') || c == 0x7F; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

/// RFC 5322 3.2.3 `atext`; RFC 6531 3.3 adds everything beyond ASCII, which safe_text() has looked at.
bool is_atext(char c) {
  static constexpr std::string_view kMarks = "!#$%&'*+-/=?^_`{|}~";
  return is_letter(c) || is_digit(c) || !is_ascii(c) || kMarks.find(c) != std::string_view::npos;
}

/// RFC 5321 4.1.2 `Dot-string`: atoms between single dots.
bool is_dot_string(std::string_view text) {
  char before = '.';
  for (const char c : text) {
    if (c == '.' ? before == '.' : !is_atext(c)) return false;
    before = c;
  }
  return before != '.';
}

/// A name without a domain is no RFC 5321 address but a user of this machine, so it may only look like one:
/// what shells and old mailers take for commands and files (`|sh`, `/etc/passwd`) is not let in through this
/// door.
bool is_local_user(std::string_view name) {
  const auto fits = [](char c) {
    return !is_ascii(c) || is_letter(c) || is_digit(c) || c == '.' || c == '_' || c == '-' || c == '+';
  };
  return !name.empty() && name.front() != '-' && is_dot_string(name) &&
         std::all_of(name.begin(), name.end(), fits);
}

/// Code points that show as nothing, as a blank, or that turn the text around: an address that a person
/// cannot tell from another one is refused. `first` to `last`, sorted.
struct Span {
  char32_t first;
  char32_t last;
};
constexpr Span kDeceptive[] = {
    {0x0080, 0x00A0},    // C1 controls, no-break space
    {0x00AD, 0x00AD},    // soft hyphen
    {0x034F, 0x034F},    // combining grapheme joiner
    {0x061C, 0x061C},    // Arabic letter mark
    {0x115F, 0x1160},    // Hangul fillers
    {0x1680, 0x1680},    // Ogham space
    {0x180B, 0x180E},    // Mongolian selectors and vowel separator
    {0x2000, 0x200F},    // spaces of all widths, zero width, direction marks
    {0x2028, 0x202F},    // separators, bidirectional embeddings and overrides, narrow space
    {0x205F, 0x206F},    // mathematical space, word joiner, isolates
    {0x3000, 0x3000},    // ideographic space
    {0x3164, 0x3164},    // Hangul filler
    {0xFE00, 0xFE0F},    // variation selectors
    {0xFEFF, 0xFEFF},    // byte order mark
    {0xFFA0, 0xFFA0},    // half-width Hangul filler
    {0xFFF0, 0xFFFF},    // annotations, object and replacement characters, noncharacters
    {0xE0000, 0xE0FFF},  // tags and more selectors
};

bool is_deceptive(char32_t point) {
  for (const Span& span : kDeceptive)
    if (point >= span.first && point <= span.last) return true;
  return (point & 0xFFFE) == 0xFFFE;  // noncharacters at the end of each plane
}

/// The code point at `at`, which is moved behind it. Only for text that valid_utf8() has passed.
char32_t next_point(std::string_view text, std::size_t& at) {
  const auto first = static_cast<unsigned char>(text[at++]);
  const int more = first >= 0xF0 ? 3 : first >= 0xE0 ? 2 : first >= 0xC0 ? 1 : 0;
  char32_t point = more == 0 ? first : first & (0x3F >> more);
  for (int i = 0; i < more; ++i) point = (point << 6) | (static_cast<unsigned char>(text[at++]) & 0x3F);
  return point;
}

/// No control byte, and beyond ASCII only what RFC 6531 allows and a person can see (RFC 5321 4.1.2, RFC
/// 6530 10.1).
Result<void> safe_text(std::string_view text, Utf8 utf8) {
  if (std::any_of(text.begin(), text.end(), is_control))
    return bad("the address has a control character in it");
  if (is_ascii(text)) return {};
  if (utf8 == Utf8::Refused) return bad("the address has characters beyond ASCII, which need SMTPUTF8");
  if (!valid_utf8(text)) return bad("the address is not valid UTF-8");
  for (std::size_t at = 0; at < text.size();) {
    if (is_deceptive(next_point(text, at))) return bad("the address has an invisible character in it");
  }
  return {};
}

/// RFC 5321 4.1.2 `Quoted-string`, undone; takes it off the front of `text`.
Result<std::string> take_quoted(std::string_view& text) {
  std::string local;
  for (std::size_t at = 1; at < text.size(); ++at) {
    char c = text[at];
    if (c == '"') {
      text.remove_prefix(at + 1);
      return local;
    }
    if (c == '\\') {
      if (++at == text.size()) break;
      c = text[at];
      if (!is_ascii(c))
        return bad("a backslash stands before a character that cannot be quoted");  // RFC 6531 3.3
    }
    local += c;
  }
  return bad("the quoted local part does not end");
}

/// Takes the local part off the front of `text`, up to the `@` or the end.
Result<std::string> take_local(std::string_view& text) {
  const std::size_t whole = text.size();
  std::string local;
  if (!text.empty() && text.front() == '"') {
    local = TRY(take_quoted(text));
  } else {
    local = text.substr(0, text.find('@'));
    text.remove_prefix(local.size());
    if (local.empty()) return bad("the address has no local part");
    if (!is_dot_string(local)) return bad("the local part has a character or a dot where none may be");
  }
  if (whole - text.size() > limits::kLocalPartBytes) return bad("the local part is longer than 64 bytes");
  return local;
}

/// RFC 5321 4.1.3 `Snum` four times: each of one to three digits, at most 255.
bool is_ipv4(std::string_view text) {
  const auto parts = split(text, '.');
  return parts.size() == 4 && std::all_of(parts.begin(), parts.end(), [](std::string_view part) {
           const auto value = parse_unsigned(part);
           return value && *value <= 255 && part.size() <= 3;
         });
}

bool is_ipv6(std::string_view text) {
  in6_addr address{};
  return text.size() < INET6_ADDRSTRLEN && inet_pton(AF_INET6, std::string(text).c_str(), &address) == 1;
}

/// `[127.0.0.1]` or `[IPv6:::1]`. No other tag has ever been registered, so no other is taken (RFC
/// 5321 4.1.3).
Result<std::string> address_literal(std::string_view text) {
  static constexpr std::string_view kTag = "IPv6:";
  if (text.size() < 2 || text.back() != ']') return bad("the address literal does not end");
  const std::string_view inside = text.substr(1, text.size() - 2);
  if (is_ipv4(inside)) return std::string(text);
  if (!starts_nocase(inside, kTag) || !is_ipv6(inside.substr(kTag.size())))
    return bad("the address literal is not an IP address");
  return "[" + std::string(kTag) + lower(inside.substr(kTag.size())) + "]";
}

bool is_label_byte(char c) { return is_letter(c) || is_digit(c) || c == '-'; }

/// What IDNA reads as a dot, or becomes one when it is normalized (UTS 46 4): some resolvers do either.
bool is_full_stop(char32_t point) {
  return point == 0x3002 || point == 0xFF0E || point == 0xFF61 || point == 0xFE52 ||
         (point >= 0x2024 && point <= 0x2026);
}

/// Letters, digits and inner hyphens (RFC 5321 4.1.2 `sub-domain`), or a U-label of RFC 6531. The full stops
/// of other scripts are not let through.
bool is_label(std::string_view label) {
  if (label.empty() || label.front() == '-' || label.back() == '-') return false;
  const bool ascii = is_ascii(label);
  // A U-label's length is bounded in its encoded form, which the resolver checks; here the whole domain's
  // bound holds it.
  if (ascii) return label.size() <= kLabelBytes && std::all_of(label.begin(), label.end(), is_label_byte);
  for (std::size_t at = 0; at < label.size();) {
    const char32_t point = next_point(label, at);
    if (is_full_stop(point)) return false;
    if (point >= 0x80) continue;
    if (!is_label_byte(static_cast<char>(point))) return false;
  }
  return true;
}

Result<std::string> parse_domain(std::string_view text) {
  if (text.size() > limits::kDomainBytes) return bad("the domain is longer than 255 bytes");
  if (!text.empty() && text.front() == '[') return address_literal(text);
  for (std::string_view label : split(text, '.'))
    if (!is_label(label)) return bad("the domain is not a valid name");
  return lower(text);
}

std::string quoted(std::string_view local) {
  std::string out = "\"";
  for (char c : local) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

}  // namespace

Result<Mailbox> Mailbox::parse(std::string_view text, Utf8 utf8) {
  // The angle brackets count (RFC 5321 4.5.3.1.3), so 254 bytes are what an address can have.
  if (text.size() + 2 > limits::kPathBytes) return bad("the address is longer than 254 bytes");
  TRY_VOID(safe_text(text, utf8));

  std::string local = TRY(take_local(text));
  if (text.empty()) {
    if (!is_local_user(local)) return bad("the address has no domain");
    return Mailbox(std::move(local), "");
  }
  if (text.front() != '@') return bad("text follows the quoted local part");
  std::string domain = TRY(parse_domain(text.substr(1)));
  return Mailbox(std::move(local), std::move(domain));
}

Mailbox Mailbox::completed(std::string_view domain) const {
  return bare() ? Mailbox(local_, lower(domain)) : *this;
}

std::string Mailbox::text() const {
  std::string out = is_dot_string(local_) ? local_ : quoted(local_);
  if (!bare()) (out += '@') += domain_;
  return out;
}

bool Mailbox::needs_utf8() const { return !is_ascii(local_) || !is_ascii(domain_); }

}  // namespace mailchute
