// One event of the log in each of the three shapes it may take: a line of text, a line of JSON, a datagram
// for journald. Pure; any thread. Each value is guarded once more: whatever a caller forgot, an event stays
// one line of at most kLogLineBytes.
#pragma once

#include <cstddef>
#include <initializer_list>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/log.h"

namespace mailchute::log {

/// A line of text or JSON with its end, and the MESSAGE of the journal. A pipe that polls writable takes
/// twice that without blocking, and journald takes lines of 48 KiB.
inline constexpr std::size_t kLogLineBytes = 2048;

struct Field {
  const char* key;  ///< Lower case; `id` stands first in a line of text.
  std::string_view value;
};
/// Those without a value are left out.
using Fields = std::initializer_list<Field>;

/// `35EK… deferred to=b@r.test upstream=qq`; without an id the event comes first.
std::string text_line(std::string_view event, Fields fields);

/// One object; every value is a string.
std::string json_line(WallTime at, Level level, std::string_view event, Fields fields);

/// journald's native protocol (systemd.io/JOURNAL_NATIVE_PROTOCOL): the text as MESSAGE, the event and each
/// field as one of their own, and MESSAGE_ID where the catalog explains the event.
std::string journal_datagram(Level level, std::string_view event, Fields fields);

/// `debug`, `info`, `warning`, `error`.
const char* level_name(Level level);

}  // namespace mailchute::log
