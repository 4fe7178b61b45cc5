#include "mail/transfer_encoding.h"

#include <algorithm>

#include "base/text.h"
#include "mail/header.h"
#include "mail/header_edits.h"

namespace mailchute {

namespace {

constexpr std::size_t kLineInput = 57;  // of which base64 makes the 76 bytes of a line
constexpr std::size_t kValueBytes = 1024;

/// The fields that say what a body is.
struct MimeFields {
  std::optional<HeaderField> type;
  std::optional<HeaderField> encoding;
  bool version = false;
  bool changeable = true;

  explicit MimeFields(std::string_view section) {
    HeaderReader reader(section);
    while (const auto field = reader.next()) look_at(*field);
  }

  void look_at(const HeaderField& field) {
    const bool type_field = field.is("Content-Type");
    const bool encoding_field = field.is("Content-Transfer-Encoding");
    const bool twice = (type_field && type) || (encoding_field && encoding);
    if (twice || field.name.empty() || field.is("DKIM-Signature")) changeable = false;
    if (type_field) type = field;
    if (encoding_field) encoding = field;
    if (field.is("MIME-Version")) version = true;
  }
};

bool is_of_one_piece(const std::optional<HeaderField>& type) {
  if (!type) return true;
  const std::string value = unfolded(type->value, kValueBytes);
  return value.find('/') != std::string::npos && !starts_nocase(value, "multipart/") &&
         !starts_nocase(value, "message/");
}

bool is_unencoded(const std::optional<HeaderField>& encoding) {
  if (!encoding) return true;
  const std::string value = unfolded(encoding->value, kValueBytes);
  return equal_nocase(value, "8bit") || equal_nocase(value, "7bit") || equal_nocase(value, "binary");
}

}  // namespace

std::optional<std::string> header_for_encoding(std::string_view section, std::string_view encoding,
                                               std::string_view charset) {
  const MimeFields fields(section);
  if (!fields.changeable || !is_of_one_piece(fields.type) || !is_unencoded(fields.encoding))
    return std::nullopt;
  HeaderEdits edits(section);
  if (!fields.version) edits.append(header_line("MIME-Version", {"1.0"}));
  if (!fields.type)
    edits.append(header_line("Content-Type", {"text/plain; charset=" + std::string(charset)}));
  std::string line = header_line("Content-Transfer-Encoding", {encoding});
  if (fields.encoding)
    edits.replace(*fields.encoding, std::move(line));
  else
    edits.append(std::move(line));
  return edits.apply();
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
