// A message as it is given to sendmail, from its first byte to the end of the input: in canonical form, its
// header section in memory, the rest where there is room. Nothing is promised before all of it is there. One
// thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "command/spool.h"
#include "smtp/body_reader.h"

namespace mailchute {

struct GivenLimits {
  std::uint64_t message_bytes_max = 0;
  std::size_t header_bytes_max = 0;
};

class GivenMessage {
 public:
  explicit GivenMessage(const GivenLimits& limits)
      : limits_(limits), reader_(BodyReader::Framing::Counted, limits.message_bytes_max) {}

  /// Any bytes, any split: LF, CRLF and CR end a line, a lone dot ends nothing. Fails with code 65 when the
  /// message is too large or holds a NUL, 75 when there is no room to keep it.
  Result<void> take(std::string_view bytes);
  /// There are no more.
  Result<void> finish();

  /// The fields, each with its CRLF, without the empty line behind them. Empty when the message has none: it
  /// is text then. The `From ` line of an mbox file before the first field is left out.
  const std::string& header() const { return header_; }
  /// What follows the fields, the empty line first.
  Spool& rest() { return rest_; }
  /// It has bytes beyond ASCII.
  bool eight_bit() const { return eight_bit_; }

 private:
  enum class State { Beginning, Header, Body };

  Result<void> take_canonical(std::string_view content);
  Result<void> advance();
  Result<void> begin();
  void drop_mbox_line();
  bool is_mbox_line_undecided() const;
  Result<void> end_header(std::size_t section_bytes);
  Result<void> check_header_size(std::size_t bytes) const;

  GivenLimits limits_;
  BodyReader reader_;
  State state_ = State::Beginning;
  enum class Input { Open, Ended } input_ = Input::Open;
  std::string gathered_;      ///< Canonical, not yet known to be whole fields.
  std::size_t searched_ = 0;  ///< Bytes of it in which the header does not end.
  std::string header_;
  Spool rest_;
  bool eight_bit_ = false;
};

/// Reads `fd` to its end. Fails as take() does, and with code 74 when it cannot be read.
Result<void> read_whole(int fd, GivenMessage& message);

/// Reads and throws away, up to `bytes_max`: so that a caller who is told that nothing comes of it does not
/// first die of a pipe that nobody reads. Not from a terminal.
void drain(int fd, std::uint64_t bytes_max);

}  // namespace mailchute
