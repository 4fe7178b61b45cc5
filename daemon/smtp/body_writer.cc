#include "smtp/body_writer.h"

#include <cstring>

namespace mailchute {

namespace {

constexpr const char* kBareCr = "the content has a bare CR in it";
constexpr const char* kBareLf = "the content has a bare LF in it";
constexpr const char* kNul = "the content has a NUL byte in it";

/// Where `byte` first stands, or npos. memchr reads many bytes at once; a loop of our own would cost ten
/// times as much.
std::size_t position(std::string_view bytes, char byte) {
  const void* at = bytes.empty() ? nullptr : std::memchr(bytes.data(), byte, bytes.size());
  return at == nullptr ? std::string_view::npos
                       : static_cast<std::size_t>(static_cast<const char*>(at) - bytes.data());
}

}  // namespace

Result<void> BodyWriter::write(std::string_view content, std::string& out) {
  if (content.empty()) return {};
  if (position(content, '\0') != std::string_view::npos) return fail(kNul);
  out.reserve(out.size() + content.size() + content.size() / 32 + 16);

  if (held_cr_) {
    if (content.front() != '\n') return fail(kBareCr);
    out += "\r\n";
    content.remove_prefix(1);
    line_start_ = true;
  }
  held_cr_ = !content.empty() && content.back() == '\r';
  if (held_cr_) content.remove_suffix(1);

  while (!content.empty()) {
    if (line_start_ && dots_ == Dots::Stuffed && content.front() == '.') out += '.';  // RFC 5321 4.5.2
    const std::string_view line = TRY(take_line(content));
    out += line;
    line_start_ = line.back() == '\n';
  }
  return {};
}

Result<void> BodyWriter::finish(std::string& out) {
  if (held_cr_) return fail(kBareCr);
  if (!line_start_) out += "\r\n";
  line_start_ = true;
  if (dots_ == Dots::Stuffed) out += ".\r\n";
  return {};
}

/// Takes a line with its CRLF, or the beginning of one, off the front of `content`, which neither is empty
/// nor ends in a CR.
Result<std::string_view> BodyWriter::take_line(std::string_view& content) {
  const std::size_t lf = position(content, '\n');
  const std::string_view line = content.substr(0, lf == std::string_view::npos ? lf : lf + 1);
  const std::size_t cr = position(line, '\r');
  content.remove_prefix(line.size());

  if (lf == std::string_view::npos && cr == std::string_view::npos) return line;
  if (cr == std::string_view::npos) return fail(kBareLf);
  if (lf == std::string_view::npos || cr + 1 != lf) return fail(kBareCr);
  return line;
}

}  // namespace mailchute
