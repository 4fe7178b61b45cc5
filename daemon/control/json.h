// JSON as the commands print it and as the control socket speaks it, both ways: plain values in, text out,
// and back. The only user of nlohmann. Text that comes in is never trusted, and nothing is ever thrown. What
// comes out is ASCII, so that nothing in it can act on a terminal, and valid whatever bytes a peer sent.
// Pure; any thread.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "control/operator.h"
#include "store/queue.h"
#include "store/reader.h"

namespace mailchute {

/// What went wrong, in words for the operator.
std::string encode_error(std::string_view text);
/// The words of it; empty when `body` holds none.
std::string decode_error(std::string_view body);

/// A selection without any condition is written as `"all": true`, and only so means every message: a request
/// whose filter was lost must not remove a queue. Unknown members are refused for the same reason (code 64).
/// Times are kept to the second.
std::string encode_selection(const Selection& selection);
Result<Selection> decode_selection(std::string_view body);

/// How many messages an operation touched. Decoding fails with code 74, as all that follow.
std::string encode_count(std::size_t messages);
Result<std::size_t> decode_count(std::string_view body);

/// The Message-ID of a message that is to go by one upstream. Decoding fails with code 64.
std::string encode_message_id(const std::string& message_id);
Result<std::string> decode_message_id(std::string_view body);

std::string encode_live_status(const LiveStatus& status);
Result<LiveStatus> decode_live_status(std::string_view body);

std::string encode_reload(const ReloadOutcome& outcome);
Result<ReloadOutcome> decode_reload(std::string_view body);

/// Something was done, and there is no more to say.
std::string encode_done();

/// What `status` shows.
struct StatusReport {
  std::optional<LiveStatus> live;  ///< Empty: the daemon does not answer.
  std::string version;             ///< Of this command.
  std::string config_path;
  std::vector<LiveUpstream> upstreams;
  std::optional<QueueSummary> queue;  ///< Empty: it cannot be read.
  WallTime now{};
};
std::string encode_status(const StatusReport& report);

std::string encode_upstreams(const std::vector<LiveUpstream>& upstreams);

/// A list is too long to be held: it is printed as begin, messages with commas between, end.
inline constexpr std::string_view kMessageListBegin = "{\"schema\":1,\"messages\":[";
inline constexpr std::string_view kMessageListEnd = "]}";
std::string encode_message(const SeenMessage& message);
/// With a schema of its own, for `--ndjson`.
std::string encode_message_line(const SeenMessage& message);

std::string encode_backup(const std::string& file, const BackupFacts& facts);

/// What `queue show` shows.
struct MessageReport {
  SeenMessage message;
  std::vector<SeenAttempt> attempts;
  std::optional<std::string> header;  ///< The header section, when it was asked for.
};
std::string encode_message_report(const MessageReport& report);

}  // namespace mailchute
