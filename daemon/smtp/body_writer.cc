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

/// How long the line, or the beginning of one, is at the front of `content`, which neither is empty nor ends
/// in a CR; with its CRLF.
Result<std::size_t> line_bytes(std::string_view content) {
  const std::size_t lf = position(content, '\n');
  const std::size_t cr = position(content.substr(0, lf), '\r');
  if (cr == std::string_view::npos) {
    if (lf != std::string_view::npos) return fail(kBareLf);
    return content.size();
  }
  if (cr + 1 != lf) return fail(kBareCr);
  return lf + 1;
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

  // Lines that need no dot are copied together.
  std::size_t checked = 0;
  while (checked < content.size()) {
    if (line_start_ && dots_ == Dots::Stuffed && content[checked] == '.') {  // RFC 5321 4.5.2
      out += content.substr(0, checked);
      out += '.';
      content.remove_prefix(checked);
      checked = 0;
    }
    checked += TRY(line_bytes(content.substr(checked)));
    line_start_ = content[checked - 1] == '\n';
  }
  out += content;
  return {};
}

Result<void> BodyWriter::finish(std::string& out) {
  if (held_cr_) return fail(kBareCr);
  if (!line_start_) out += "\r\n";
  line_start_ = true;
  if (dots_ == Dots::Stuffed) out += ".\r\n";
  return {};
}

}  // namespace mailchute
