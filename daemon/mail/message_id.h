// The queue's own name for a message: 60 bits, the upper 41 a count of milliseconds, so that names sort by
// time. Not the Message-ID header. Values; any thread.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace mailchute {

struct MessageId {
  std::int64_t value = 0;  ///< Always in 1 .. 2^60-1; also the row's key.

  /// 12 characters of Crockford's base 32 (0-9A-HJKMNP-TV-Z).
  std::string text() const;

  /// Takes the 12 characters, either case. Empty when it is not one.
  static std::optional<MessageId> parse(std::string_view text);

  /// The lowest and the highest id that begin with this prefix (1 to 12 characters, either case); empty when
  /// it has other characters.
  struct Range;
  static std::optional<Range> prefix(std::string_view text);

  auto operator<=>(const MessageId&) const = default;
};

struct MessageId::Range {
  MessageId first;
  MessageId last;
};

/// Hands out ids, each greater than all before, also when the clock goes back. Loop thread.
class MessageIds {
 public:
  /// `floor`: the highest id ever used, read from the store at start; ids are never reused.
  MessageIds(const Clock& clock, Random& random, MessageId floor)
      : clock_(clock), random_(random), last_(floor) {}
  MessageId next();

 private:
  const Clock& clock_;
  Random& random_;
  MessageId last_;
};

}  // namespace mailchute
