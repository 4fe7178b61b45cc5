#include "command/given_message.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>
#include <vector>

#include "base/exit_codes.h"
#include "base/limits.h"
#include "command/words.h"
#include "mail/header.h"

namespace mailchute {

namespace {

constexpr std::string_view kLineEnd = "\r\n";
constexpr std::string_view kMboxLine = "From ";

bool is_high(char c) { return static_cast<unsigned char>(c) >= 0x80; }

/// One read, again when a signal came.
ssize_t read_some(int fd, std::vector<char>& buffer) {
  ssize_t got = 0;
  do {
    got = ::read(fd, buffer.data(), buffer.size());
  } while (got < 0 && errno == EINTR);
  return got;
}

}  // namespace

Result<void> GivenMessage::take(std::string_view bytes) {
  std::string content;
  while (!bytes.empty()) {
    content.clear();
    bytes.remove_prefix(reader_.take(bytes, content));
    TRY_VOID(take_canonical(content));
  }
  return {};
}

Result<void> GivenMessage::finish() {
  std::string content;
  reader_.finish(content);
  TRY_VOID(take_canonical(content));
  input_ = Input::Ended;
  return advance();
}

Result<void> GivenMessage::take_canonical(std::string_view content) {
  if (reader_.fault() == BodyReader::Fault::Nul)
    return fail("the message holds a NUL byte", exit_code::kBadData);
  if (reader_.fault() == BodyReader::Fault::TooLarge)
    return fail(
        "the message is larger than limits.message_size, which is " + short_size(limits_.message_bytes_max),
        exit_code::kBadData);
  eight_bit_ = eight_bit_ || std::any_of(content.begin(), content.end(), is_high);
  if (state_ == State::Body) return rest_.append(content);
  gathered_ += content;
  return advance();
}

Result<void> GivenMessage::advance() {
  if (state_ == State::Beginning) TRY_VOID(begin());
  if (state_ != State::Header) return {};
  const std::size_t end = header_end(gathered_, searched_);
  if (end != std::string::npos) return end_header(end);
  searched_ = gathered_.size();
  if (input_ == Input::Ended) return end_header(gathered_.size());
  return check_header_size(gathered_.size());
}

/// Tells fields from text, which must not be taken for fields: `echo Warning: disk full | sendmail root` is a
/// field all the same, as for every sendmail.
Result<void> GivenMessage::begin() {
  if (is_mbox_line_undecided()) return check_header_size(gathered_.size());
  drop_mbox_line();
  FirstLine first = first_line(gathered_);
  if (first == FirstLine::Undecided) {
    if (input_ == Input::Open) return {};
    first = gathered_.empty() ? FirstLine::Empty : FirstLine::Text;
  }
  state_ = State::Header;
  if (first == FirstLine::Field) return {};
  // Without an empty line the first paragraph of the text would be read as header, or lost.
  if (first == FirstLine::Text) gathered_.insert(0, kLineEnd);
  return end_header(0);
}

/// An mbox file's line begins like many a sentence: it is one when a field follows.
bool GivenMessage::is_mbox_line_undecided() const {
  if (input_ == Input::Ended) return false;
  if (gathered_.size() < kMboxLine.size()) return kMboxLine.starts_with(gathered_);
  if (!gathered_.starts_with(kMboxLine)) return false;
  const auto end = gathered_.find(kLineEnd);
  if (end == std::string::npos) return true;
  return first_line(std::string_view(gathered_).substr(end + kLineEnd.size())) == FirstLine::Undecided;
}

void GivenMessage::drop_mbox_line() {
  if (!gathered_.starts_with(kMboxLine)) return;
  const auto end = gathered_.find(kLineEnd);
  if (end == std::string::npos) return;
  const std::size_t next = end + kLineEnd.size();
  if (first_line(std::string_view(gathered_).substr(next)) == FirstLine::Field) gathered_.erase(0, next);
}

Result<void> GivenMessage::end_header(std::size_t section_bytes) {
  TRY_VOID(check_header_size(section_bytes));
  header_ = gathered_.substr(0, section_bytes);
  state_ = State::Body;
  return rest_.append(std::string_view(std::exchange(gathered_, {})).substr(section_bytes));
}

Result<void> GivenMessage::check_header_size(std::size_t bytes) const {
  if (bytes <= limits_.header_bytes_max) return {};
  return fail("the header of the message is larger than limits.header_size, which is " +
                  short_size(limits_.header_bytes_max),
              exit_code::kBadData);
}

Result<void> read_whole(int fd, GivenMessage& message) {
  std::vector<char> buffer(limits::kReadBytes);
  for (;;) {
    const ssize_t got = read_some(fd, buffer);
    if (got < 0)
      return fail(std::string("cannot read the message: ") + std::strerror(errno), exit_code::kInputOutput);
    if (got == 0) return message.finish();
    TRY_VOID(message.take({buffer.data(), static_cast<std::size_t>(got)}));
  }
}

void drain(int fd, std::uint64_t bytes_max) {
  if (::isatty(fd) != 0) return;
  std::vector<char> buffer(limits::kReadBytes);
  for (std::uint64_t left = bytes_max; left > 0;) {
    const ssize_t got = read_some(fd, buffer);
    if (got <= 0) return;
    left -= std::min(left, static_cast<std::uint64_t>(got));
  }
}

}  // namespace mailchute
