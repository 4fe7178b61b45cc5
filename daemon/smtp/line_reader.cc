#include "smtp/line_reader.h"

#include <cstring>

namespace mailchute {

namespace {

/// Of a line that is too long: enough to see that it is `GET / HTTP/1.1`.
constexpr std::size_t kBeginningBytes = 64;
/// A buffer larger than this is given back when it is empty: a thousand idle clients should not hold a read
/// each.
constexpr std::size_t kKeptBytes = 4096;

}  // namespace

void LineReader::append(std::string_view bytes) {
  // Erasing only what is at least half of the buffer keeps the cost of all erasing linear.
  if (taken_ > 0 && taken_ * 2 >= bytes_.size()) {
    bytes_.erase(0, taken_);
    taken_ = 0;
  }
  bytes_.append(bytes);
}

std::optional<Line> LineReader::next() {
  const auto unread = rest();
  const auto end = unread.find('\n', searched_);
  if (end == std::string_view::npos) return wait_for_more();

  const Line line = cut(end);
  taken_ += end + 1;
  searched_ = 0;
  discarded_ = 0;
  return line;
}

void LineReader::skip(std::size_t count) {
  taken_ += count;
  searched_ = 0;
  if (taken_ == bytes_.size()) release();
}

void LineReader::wipe_taken() { explicit_bzero(bytes_.data(), taken_); }

std::optional<Line> LineReader::wait_for_more() {
  const auto unread = rest();
  if (unread.empty()) release();
  searched_ = unread.size();
  if (discarded_ == 0 && unread.size() < line_bytes_max_) return std::nullopt;

  // RFC 5321 4.5.3.1.9: the line will be refused whatever follows, so nothing of it needs to be kept.
  if (discarded_ == 0) beginning_ = unread.substr(0, kBeginningBytes);
  discarded_ += unread.size();
  release();
  if (discarded_ <= discard_bytes_max_) return std::nullopt;
  discarded_ = 0;
  return Line{beginning_, Line::Fault::Endless};
}

Line LineReader::cut(std::size_t length) {
  std::string_view text = rest().substr(0, length);
  if (discarded_ == 0 && length >= line_bytes_max_) beginning_ = text.substr(0, kBeginningBytes);
  if (discarded_ + length >= line_bytes_max_) {
    const bool endless = discarded_ + length > discard_bytes_max_;
    return {beginning_, endless ? Line::Fault::Endless : Line::Fault::TooLong};
  }
  if (text.ends_with('\r')) text.remove_suffix(1);
  if (text.find('\0') != std::string_view::npos) return {text, Line::Fault::Nul};
  if (text.find('\r') != std::string_view::npos) return {text, Line::Fault::BareCr};
  return {text, Line::Fault::None};
}

void LineReader::release() {
  if (bytes_.capacity() > kKeptBytes) std::string().swap(bytes_);
  bytes_.clear();
  taken_ = 0;
  searched_ = 0;
}

}  // namespace mailchute
