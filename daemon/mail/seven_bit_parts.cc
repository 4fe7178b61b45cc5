#include "mail/seven_bit_parts.h"

#include <algorithm>
#include <utility>

#include "base/ascii.h"

namespace mailchute {

namespace {

constexpr std::string_view kLineEnd = "\r\n";
constexpr std::size_t kDelimiterLine = 1024;  // far beyond `--`, 70 bytes, `--` and the blanks a gateway adds
constexpr std::size_t kHeaderBytes = 256 * 1024;
constexpr std::size_t kSampleBytes = 16 * 1024;
constexpr std::size_t kDepth = 20;
constexpr std::string_view kUnknown = "unknown-8bit";  // RFC 1428 3

/// A signature covers the bytes of its first part; what is encrypted is no text (RFC 1847).
bool is_sealed(const MimeType& type) {
  return type.name == "multipart/signed" || type.name == "multipart/encrypted";
}

bool is_container(const MimeType& type) {
  return (type.is_multipart() && type.boundary && !is_sealed(type)) || type.name == "message/rfc822";
}

/// quoted-printable makes three bytes of one; above one in six, base64 is shorter.
bool is_mostly_text(std::string_view sample) {
  const auto high = std::count_if(sample.begin(), sample.end(), [](char c) { return !is_ascii(c); });
  return static_cast<std::size_t>(high) * 6 <= sample.size();
}

/// `--boundary`, and what follows it: nothing, or `--`; blanks at the end do not count.
bool is_delimiter(std::string_view line, std::string_view boundary, bool& closes) {
  const std::size_t end = line.find_last_not_of(" \t");
  line = line.substr(0, end == std::string_view::npos ? 0 : end + 1);
  if (!line.starts_with("--") || !line.substr(2).starts_with(boundary)) return false;
  const std::string_view behind = line.substr(2 + boundary.size());
  closes = behind == "--";
  return behind.empty() || closes;
}

}  // namespace

bool has_parts_to_encode(std::string_view section) {
  const MimeFields fields(section);
  return fields.changeable && fields.is_unencoded() && is_container(fields.mime_type());
}

std::string SevenBitParts::take(std::string_view bytes) {
  while (!bytes.empty()) {
    const std::size_t end = bytes.find('\n');
    const std::size_t count = end == std::string_view::npos ? bytes.size() : end + 1;
    line_ += bytes.substr(0, count);
    bytes.remove_prefix(count);
    if (line_.ends_with(kLineEnd)) {
      on_line(std::string_view(line_).substr(0, line_.size() - kLineEnd.size()), Line::Whole);
      line_.clear();
    } else if (line_.size() > kDelimiterLine) {
      // The CR may be half of a line's end.
      const std::size_t kept = line_.back() == '\r' ? 1 : 0;
      on_line(std::string_view(line_).substr(0, line_.size() - kept), Line::Part);
      line_.erase(0, line_.size() - kept);
    }
  }
  return std::exchange(out_, {});
}

std::string SevenBitParts::finish() {
  if (!line_.empty() || within_line_) {
    on_line(std::exchange(line_, {}), Line::Whole);
    line_end_due_ = false;  // it had none
  }
  if (std::exchange(line_end_due_, false)) content(kLineEnd);
  end_part();
  return std::exchange(out_, {});
}

void SevenBitParts::on_line(std::string_view text, Line line) {
  const bool begins = !std::exchange(within_line_, line == Line::Part);
  if (begins && line == Line::Whole && on_delimiter(text)) return;
  if (doing_ == Doing::Header) return on_header_line(text, line);
  if (std::exchange(line_end_due_, false)) content(kLineEnd);
  content(text);
  line_end_due_ = line == Line::Whole;
}

/// The delimiter of an outer multipart ends the inner ones too.
bool SevenBitParts::on_delimiter(std::string_view text) {
  if (text.size() > kDelimiterLine) return false;
  bool closes = false;
  const auto level = std::find_if(levels_.rbegin(), levels_.rend(), [&](const Level& each) {
    return is_delimiter(text, each.boundary, closes);
  });
  if (level == levels_.rend()) return false;
  const bool ended_its_line = end_part();
  if (std::exchange(line_end_due_, false) && !ended_its_line) out_ += kLineEnd;
  levels_.erase(level.base() - (closes ? 1 : 0), levels_.end());
  out_ += text;
  if (closes) {
    line_end_due_ = true;
  } else {
    out_ += kLineEnd;
    doing_ = Doing::Header;
    message_header_ = false;
  }
  return true;
}

void SevenBitParts::on_header_line(std::string_view text, Line line) {
  const bool begins = header_.empty() || header_.ends_with(kLineEnd);
  if (begins && text.empty() && line == Line::Whole) return on_header_end();
  header_ += text;
  if (line == Line::Whole) header_ += kLineEnd;
  if (header_.size() <= kHeaderBytes) return;
  out_ += std::exchange(header_, {});
  doing_ = Doing::Passing;
}

void SevenBitParts::on_header_end() {
  const MimeFields fields(header_);
  MimeType type = fields.mime_type();
  if (!fields.type && !levels_.empty() && levels_.back().digest && !message_header_)
    type.name = "message/rfc822";
  const bool open = fields.changeable && fields.is_unencoded() && !type.name.empty();
  if (open && is_container(type) && levels_.size() < kDepth) return enter(fields, std::move(type));
  if (open && !type.is_multipart() && !type.is_message()) {
    doing_ = Doing::Deciding;
    return;
  }
  pass_header();
}

/// What holds parts says no more than they do (RFC 2045 6.4).
void SevenBitParts::enter(const MimeFields& fields, MimeType type) {
  out_ += fields.encoding ? part_header_for_encoding(header_, "7bit") : header_;
  out_ += kLineEnd;
  header_.clear();
  message_header_ = !type.is_multipart();
  if (message_header_) return;  // the header of the message inside comes next
  doing_ = Doing::Passing;
  levels_.push_back({std::move(*type.boundary), type.name == "multipart/digest"});
}

void SevenBitParts::pass_header() {
  out_ += std::exchange(header_, {});
  out_ += kLineEnd;
  doing_ = Doing::Passing;
}

void SevenBitParts::content(std::string_view bytes) {
  if (doing_ == Doing::Deciding) {
    const std::size_t wanted = std::min(bytes.size(), kSampleBytes - held_.size());
    held_ += bytes.substr(0, wanted);
    if (held_.size() < kSampleBytes) return;
    bytes.remove_prefix(wanted);
    decide();
  }
  switch (doing_) {
    case Doing::Quoting: out_ += quoted_.take(bytes); break;
    case Doing::Encoding: out_ += encoded_.take(bytes); break;
    default: out_ += bytes; break;
  }
}

/// By the first bytes of a body, for it cannot be read twice.
void SevenBitParts::decide() {
  const bool text = is_mostly_text(held_);
  const char* encoding = text ? "quoted-printable" : "base64";
  const auto message = message_header_ ? header_for_encoding(header_, encoding, kUnknown) : std::nullopt;
  out_ += message ? *message : part_header_for_encoding(header_, encoding);
  header_.clear();
  out_ += kLineEnd;
  doing_ = text ? Doing::Quoting : Doing::Encoding;
  content(std::exchange(held_, {}));
}

/// True when what is out ends with the end of a line, as base64 always does.
bool SevenBitParts::end_part() {
  if (doing_ == Doing::Header) out_ += std::exchange(header_, {});
  if (doing_ == Doing::Deciding && is_ascii(held_)) {
    pass_header();
    out_ += std::exchange(held_, {});
  }
  if (doing_ == Doing::Deciding) decide();
  if (doing_ == Doing::Quoting) out_ += std::exchange(quoted_, {}).finish();
  const bool base64 = doing_ == Doing::Encoding;
  if (base64) out_ += std::exchange(encoded_, {}).finish();
  doing_ = Doing::Passing;
  return base64;
}

}  // namespace mailchute
