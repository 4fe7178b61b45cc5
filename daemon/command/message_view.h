// Messages as people see them: a row of `queue list`, and all of one for `queue show`. Every byte that came
// from outside is made printable here. Pure; any thread.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "control/json.h"
#include "store/queue.h"
#include "store/reader.h"

namespace mailchute {

/// Why a message waits, and until when.
struct Waiting {
  std::string next;    ///< `now`, `4m`, `paused`; empty when it does not wait for a time.
  std::string reason;  ///< One line, printable; empty when nothing has happened yet.
  std::optional<WallTime> until = std::nullopt;  ///< When `next` is a time; past for `now`.
};

/// An upstream that cools down or is paused holds up its mail; where a route names several, the one that is
/// free first counts.
Waiting waiting(const SeenMessage& message, const std::vector<UpstreamState>& upstreams, WallTime now);

std::string message_list_header(std::size_t screen);
/// A line, and a second one with the reason where there is one.
std::string message_row(const SeenMessage& message, const Waiting& why, WallTime now, std::size_t screen);

/// All there is to tell; `header` as it is stored. What waits for an upstream says so.
std::string message_page(const MessageReport& report, const std::vector<UpstreamState>& upstreams,
                         WallTime now);

}  // namespace mailchute
