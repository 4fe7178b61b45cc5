// Holds what a client has sent and nobody has looked at yet, and cuts command lines from it.
// A line ends with CRLF; a bare LF is taken as its end too (interface 4). Pure; one per session; any thread.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/limits.h"

namespace mailchute {

/// One command line without its end.
struct Line {
  /// TooLong: the line was read to its end and thrown away. Endless: so long that the connection is not worth
  /// keeping.
  enum class Fault { None, TooLong, Endless, BareCr, Nul };

  std::string_view text;  ///< Of a TooLong or Endless line only its first bytes, enough to tell what it was.
  Fault fault = Fault::None;
};

class LineReader {
 public:
  explicit LineReader(std::size_t line_bytes_max = limits::kCommandLineBytes,
                      std::size_t discard_bytes_max = limits::kCommandDiscardBytes)
      : line_bytes_max_(line_bytes_max), discard_bytes_max_(discard_bytes_max) {}

  /// Adds what was read. Memory stays within one read and one line as long as next() is called until it gives
  /// nothing.
  void append(std::string_view bytes);

  /// The next whole line, or nothing. Its text lives until the next call of append(), next() or skip().
  std::optional<Line> next();

  /// What has not been taken yet, for those who read it otherwise (message content), and how they take it.
  std::string_view rest() const { return std::string_view(bytes_).substr(taken_); }
  void skip(std::size_t count);

  /// Overwrites what has been taken, where that was a secret; views into it then show zeros.
  void wipe_taken();

  /// True in the middle of a line of which some bytes have been thrown away: rest() is not its beginning.
  bool discarding() const { return discarded_ > 0; }

 private:
  std::optional<Line> wait_for_more();
  Line cut(std::size_t length);
  void release();

  std::size_t line_bytes_max_;
  std::size_t discard_bytes_max_;
  std::string bytes_;
  std::size_t taken_ = 0;      // Bytes of bytes_ that are done with; erased now and then, not at every line.
  std::size_t searched_ = 0;   // Bytes of rest() known to hold no LF.
  std::size_t discarded_ = 0;  // Bytes of the present line that are gone because it is too long.
  std::string beginning_;      // The first of them.
};

}  // namespace mailchute
