#include "mail/mime_fields.h"

#include <algorithm>
#include <utility>

#include "base/text.h"

namespace mailchute {

namespace {

constexpr std::size_t kValueBytes = 4096;
constexpr std::size_t kBoundaryBytes = 70;  // RFC 2046 5.1.1
constexpr std::string_view kBlanks = " \t";

/// Walks over the value of a structured field. Comments go for blanks (RFC 2045 5.1).
class Words {
 public:
  explicit Words(std::string_view text) : rest_(text) {}

  /// Up to the next of ` =;"(`; empty at one of them and at the end.
  std::string token() {
    skip();
    return take(rest_.find_first_of(" \t=;\"("));
  }

  /// A quoted string without its quotes, or all up to a blank or `;`: many write a boundary with `=` in it
  /// bare.
  std::string value() {
    skip();
    return !rest_.empty() && rest_.front() == '"' ? quoted() : take(rest_.find_first_of(" \t;"));
  }

  /// Passes over `sign` if it is next.
  bool then(char sign) {
    skip();
    if (rest_.empty() || rest_.front() != sign) return false;
    rest_.remove_prefix(1);
    return true;
  }

  /// To behind the next `;` outside of quotes; false at the end.
  bool next_parameter() {
    while (!rest_.empty()) {
      if (then(';')) return true;
      if (value().empty() && !rest_.empty()) rest_.remove_prefix(1);
    }
    return false;
  }

 private:
  std::string take(std::size_t count) {
    std::string word(rest_.substr(0, count));
    rest_.remove_prefix(word.size());
    return word;
  }

  void skip() {
    for (;;) {
      rest_.remove_prefix(std::min(rest_.find_first_not_of(kBlanks), rest_.size()));
      if (rest_.empty() || rest_.front() != '(') return;
      skip_comment();
    }
  }

  // RFC 5322 3.2.2: they nest.
  void skip_comment() {
    int depth = 0;
    std::size_t at = 0;
    for (; at < rest_.size(); ++at) {
      if (rest_[at] == '\\')
        ++at;
      else if (rest_[at] == '(')
        ++depth;
      else if (rest_[at] == ')' && --depth == 0)
        break;
    }
    rest_.remove_prefix(std::min(at + 1, rest_.size()));
  }

  std::string quoted() {
    std::string word;
    std::size_t at = 1;
    for (; at < rest_.size() && rest_[at] != '"'; ++at) {
      if (rest_[at] == '\\' && at + 1 < rest_.size()) ++at;
      word += rest_[at];
    }
    rest_.remove_prefix(std::min(at + 1, rest_.size()));
    return word;
  }

  std::string_view rest_;
};

bool can_be_boundary(std::string_view text) {
  return !text.empty() && text.size() <= kBoundaryBytes && text.back() != ' ' &&
         text.find_first_of("\r\n") == std::string_view::npos;
}

std::optional<std::string> boundary_in(Words& words) {
  while (words.next_parameter())
    if (equal_nocase(words.token(), "boundary") && words.then('=')) return words.value();
  return std::nullopt;
}

}  // namespace

MimeType MimeType::read(std::string_view value) {
  const std::string line = unfolded(value, kValueBytes);
  Words words(line);
  MimeType type;
  type.name = lower(words.token());
  if (type.name.find('/') == std::string::npos) return {};
  if (auto boundary = boundary_in(words); boundary && can_be_boundary(*boundary))
    type.boundary = std::move(boundary);
  return type;
}

MimeFields::MimeFields(std::string_view section) {
  HeaderReader reader(section);
  while (const auto field = reader.next()) {
    const bool type_field = field->is("Content-Type");
    const bool encoding_field = field->is("Content-Transfer-Encoding");
    const bool twice = (type_field && type) || (encoding_field && encoding);
    if (twice || field->name.empty() || field->is("DKIM-Signature")) changeable = false;
    if (type_field) type = field;
    if (encoding_field) encoding = field;
    if (field->is("MIME-Version")) version = true;
  }
}

bool MimeFields::is_unencoded() const {
  if (!encoding) return true;
  const std::string value = unfolded(encoding->value, kValueBytes);
  return equal_nocase(value, "8bit") || equal_nocase(value, "7bit") || equal_nocase(value, "binary");
}

MimeType MimeFields::mime_type() const {
  return type ? MimeType::read(type->value) : MimeType{"text/plain", std::nullopt};
}

}  // namespace mailchute
