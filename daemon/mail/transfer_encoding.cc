#include "mail/transfer_encoding.h"

#include <utility>

#include "base/text.h"
#include "mail/header.h"
#include "mail/header_edits.h"
#include "mail/mime_fields.h"

namespace mailchute {

namespace {

constexpr std::size_t kQuotedPrintableLine = 76;  // RFC 2045 6.7 rule 5, with the `=` of a soft break
constexpr std::size_t kLineInput = 57;            // of which base64 makes the 76 bytes of a line
bool is_plain(char c) { return c > ' ' && c <= '~' && c != '='; }

std::string quoted_byte(char c) {
  constexpr std::string_view kHex = "0123456789ABCDEF";  // RFC 2045 wants capitals
  const auto byte = static_cast<unsigned char>(c);
  return {'=', kHex[byte >> 4], kHex[byte & 15]};
}

bool is_of_one_piece(const MimeType& type) {
  return !type.name.empty() && !type.is_multipart() && !type.is_message();
}

/// The section with `encoding` in place of what it says, and with what else `edits` change.
std::string with_encoding(const MimeFields& fields, HeaderEdits& edits, std::string_view encoding) {
  std::string line = header_line("Content-Transfer-Encoding", {encoding});
  if (fields.encoding)
    edits.replace(*fields.encoding, std::move(line));
  else
    edits.append(std::move(line));
  return edits.apply();
}

}  // namespace

std::optional<std::string> header_for_encoding(std::string_view section, std::string_view encoding,
                                               std::string_view charset) {
  const MimeFields fields(section);
  if (!fields.changeable || !is_of_one_piece(fields.mime_type()) || !fields.is_unencoded())
    return std::nullopt;
  HeaderEdits edits(section);
  if (!fields.version) edits.append(header_line("MIME-Version", {"1.0"}));
  if (!fields.type)
    edits.append(header_line("Content-Type", {"text/plain; charset=" + std::string(charset)}));
  return with_encoding(fields, edits, encoding);
}

std::string part_header_for_encoding(std::string_view section, std::string_view encoding) {
  const MimeFields fields(section);
  HeaderEdits edits(section);
  return with_encoding(fields, edits, encoding);
}

std::string QuotedLines::take(std::string_view bytes) {
  std::string out;
  for (const char c : bytes) {
    if (std::exchange(return_seen_, false)) {
      if (c == '\n') {
        out += finish() + "\r\n";
        column_ = 0;
        continue;
      }
      put(out, quoted_byte('\r'));  // Not the canonical content we were promised; still not lost.
    }
    if (c == '\r') {
      return_seen_ = true;
      continue;
    }
    put_blank(out);
    if (c == ' ' || c == '\t')
      blank_ = c;
    else
      put(out, is_plain(c) ? std::string(1, c) : quoted_byte(c));
  }
  return out;
}

// A blank at the end of a line would be lost on the way (RFC 2045 6.7 rule 3).
std::string QuotedLines::finish() {
  std::string out;
  if (blank_) put(out, quoted_byte(*std::exchange(blank_, std::nullopt)));
  if (std::exchange(return_seen_, false)) put(out, quoted_byte('\r'));
  return out;
}

void QuotedLines::put_blank(std::string& out) {
  if (blank_) put(out, std::string(1, *std::exchange(blank_, std::nullopt)));
}

void QuotedLines::put(std::string& out, const std::string& piece) {
  if (column_ + piece.size() > kQuotedPrintableLine - 1) {
    out += "=\r\n";
    column_ = 0;
  }
  out += piece;
  column_ += piece.size();
}

std::string Base64Lines::take(std::string_view bytes) {
  std::string out;
  held_ += bytes;
  std::size_t done = 0;
  for (; held_.size() - done >= kLineInput; done += kLineInput)
    out += base64_encode(std::string_view(held_).substr(done, kLineInput)) + "\r\n";
  held_.erase(0, done);
  return out;
}

std::string Base64Lines::finish() {
  std::string out = held_.empty() ? std::string() : base64_encode(held_) + "\r\n";
  held_.clear();
  return out;
}

std::uint64_t Base64Lines::encoded_bytes(std::uint64_t bytes) {
  const std::uint64_t lines = (bytes + kLineInput - 1) / kLineInput;
  return (bytes + 2) / 3 * 4 + 2 * lines;
}

}  // namespace mailchute
