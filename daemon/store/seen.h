// A message of the queue as it is looked at: values, for commands and for those whose mail it is. Text from
// peers, not yet made safe to show. Any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "mail/header_summary.h"
#include "mail/message_id.h"
#include "mail/reply.h"
#include "store/queue.h"

namespace mailchute {

/// The answer that an upstream gave last; text from a peer, not yet made safe to show.
struct SeenReply {
  Stage stage = Stage::Connect;
  Reply reply;
};

struct SeenRecipient {
  std::int64_t row = 0;
  std::string address;
  std::string state;  ///< `queued`, `sending`, `held`, `delivered`, `failed` or `uncertain`.
  int attempts = 0;
  std::optional<WallTime> next_attempt;  ///< While it is queued.
  std::string route;
  std::string upstream;  ///< The one it was last given to, or the first of its route.
  std::optional<SeenReply> last_reply;
};

struct SeenMessage {
  MessageId id;
  std::string sender;  ///< Empty: the null sender.
  std::string state;   ///< The worst of its recipients'.
  std::uint64_t bytes = 0;
  bool notice = false;
  bool has_content = false;
  WallTime received{};
  WallTime expires{};
  std::optional<WallTime> finished;
  Source source;
  HeaderSummary summary;
  std::vector<SeenRecipient> recipients;
  std::size_t left_out = 0;  ///< Recipients beyond those; only where fewer were asked for.
};

/// Where a walk through messages has come to; begins before the first.
struct Place {
  std::int64_t time = INT64_MIN;
  MessageId id;
};

/// A page of what waits, for the user whose mail it is.
struct OwnMailPage {
  struct Entry {
    SeenMessage message;
    Place place;
  };
  std::vector<Entry> entries;
  std::vector<UpstreamState> upstreams;  ///< What holds it up.
  std::optional<Place> next;             ///< Where the next page begins; empty behind the last.
};

}  // namespace mailchute
