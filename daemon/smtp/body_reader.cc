#include "smtp/body_reader.h"

#include <algorithm>
#include <cstring>

#include "base/limits.h"

namespace mailchute {

namespace {

/// Finds one byte again and again in the same input and looks at each position once, however the questions
/// mix.
class Finder {
 public:
  Finder(char byte, const char* begin, const char* end) : byte_(byte), end_(end) { look_from(begin); }

  /// The first at or behind `at`, or the end of the input. `at` must not go back.
  const char* next(const char* at) {
    if (found_ < at) look_from(at);
    return found_;
  }

 private:
  void look_from(const char* at) {
    const void* found = std::memchr(at, byte_, static_cast<std::size_t>(end_ - at));
    found_ = found != nullptr ? static_cast<const char*>(found) : end_;
  }

  char byte_;
  const char* end_;
  const char* found_ = nullptr;
};

}  // namespace

/// One call of take(): ordinary lines are copied in runs as long as they come, everything else byte by byte.
class BodyReader::Pass {
 public:
  Pass(BodyReader& reader, std::string_view input, std::string& content)
      : reader_(reader),
        content_(content),
        begin_(input.data()),
        size_(input.size()),
        stop_(begin_ + std::min(size_, room_)),
        crs_('\r', begin_, stop_),
        lfs_('\n', begin_, stop_),
        nuls_('\0', begin_, stop_) {}

  std::size_t run() {
    const char* at = begin_;
    while (at < stop_ && !reader_.ended()) at = held_back() ? decide(at) : copy(at);
    return static_cast<std::size_t>(at - begin_);
  }

 private:
  bool held_back() const { return reader_.state_ != State::LineStart && reader_.state_ != State::Middle; }

  /// Something is held back and the byte at `at` says what it was. Returns `at` again when that byte is still
  /// to be read.
  const char* decide(const char* at) {
    switch (reader_.state_) {
      case State::Dot:  // RFC 5321 4.5.2: the dot goes, whatever else is on the line.
        reader_.state_ = *at == '\r' ? State::DotCr : State::Middle;
        return *at == '\r' ? at + 1 : at;
      case State::DotCr:  // RFC 5321 4.1.1.4: this and nothing else is the end.
        reader_.state_ = *at == '\n' ? State::Ended : State::Cr;
        return *at == '\n' ? at + 1 : at;
      default: return end_line(at);
    }
  }

  /// A CR is held back: with LF it is the end of a line, alone it becomes one without counting as one.
  const char* end_line(const char* at) {
    reader_.give("\r\n", 2, content_);
    if (*at == '\n') {
      reader_.state_ = State::LineStart;
      return at + 1;
    }
    grew();
    if (*at == '\r') return at + 1;
    reader_.state_ = State::Middle;
    return at;
  }

  /// Copies lines that need no change; returns where that stopped.
  const char* copy(const char* at) {
    const char* run = at;
    while (at < stop_) {
      if (reader_.state_ == State::LineStart && *at == '.' && reader_.framing_ == Framing::Dots) break;
      const char* lf = lfs_.next(at);
      const char* nul = nuls_.next(at);
      if (lf >= stop_ || nul < lf || lf - crs_.next(at) != 1) return copy_odd(run, at);
      at = lf + 1;
      reader_.state_ = State::LineStart;
    }
    give(run, at);
    if (at == stop_) return at;
    reader_.state_ = State::Dot;
    return at + 1;
  }

  /// The line at `at` ends behind this input, or holds a CR, LF or NUL of its own.
  const char* copy_odd(const char* run, const char* at) {
    const char* odd = std::min({crs_.next(at), lfs_.next(at), nuls_.next(at), stop_});
    give(run, odd);
    reader_.state_ = State::Middle;
    if (odd == stop_) return odd;
    if (*odd == '\r') reader_.state_ = State::Cr;
    if (*odd == '\n') give_bare_lf();
    if (*odd == '\0' && reader_.fault_ == Fault::None) reader_.fault_ = Fault::Nul;
    return odd + 1;
  }

  void give_bare_lf() {
    reader_.give("\r\n", 2, content_);
    grew();
    // In DATA a dot behind it has no meaning: only a true CRLF begins a line. Behind BDAT dots have none
    // anywhere.
    if (reader_.framing_ == Framing::Counted) reader_.state_ = State::LineStart;
  }

  /// Every byte that came out and did not go in is one that this pass does not read: that bounds the output.
  void grew() { stop_ = begin_ + std::min(size_, --room_); }

  void give(const char* from, const char* to) {
    reader_.give(from, static_cast<std::size_t>(to - from), content_);
  }

  BodyReader& reader_;
  std::string& content_;
  const char* begin_;
  std::size_t size_;
  std::size_t room_ = limits::kChunkBytes;
  const char* stop_;
  Finder crs_;
  Finder lfs_;
  Finder nuls_;
};

std::size_t BodyReader::take(std::string_view input, std::string& content) {
  if (input.empty()) return 0;
  return Pass(*this, input, content).run();
}

void BodyReader::finish(std::string& content) {
  if (state_ != State::LineStart) give("\r\n", 2, content);
  state_ = State::LineStart;
}

void BodyReader::give(const char* bytes, std::size_t count, std::string& content) {
  if (fault_ != Fault::None) return;
  if (count > content_bytes_left_) {
    fault_ = Fault::TooLarge;
    return;
  }
  content_bytes_left_ -= count;
  content.append(bytes, count);
}

}  // namespace mailchute
