#include "command/selection.h"

#include <algorithm>
#include <optional>

#include "base/text.h"
#include "settings/units.h"

namespace mailchute {

namespace {

constexpr int kUsage = 64;
constexpr std::size_t kIdCharacters = 12;

Result<std::optional<WallTime>> moment_before(const char* option, const std::string& text, WallTime now) {
  if (text.empty()) return std::optional<WallTime>();
  const auto duration = parse_duration(text);
  if (!duration) {
    return fail(std::string(option) + ": " + duration.error().message + "; next: " + duration.error().hint,
                kUsage);
  }
  return std::optional<WallTime>(std::chrono::floor<std::chrono::seconds>(now - *duration));
}

bool has_recipient(const SeenMessage& message, std::initializer_list<const char*> states) {
  return std::any_of(message.recipients.begin(), message.recipients.end(),
                     [&](const SeenRecipient& recipient) {
                       return std::find(states.begin(), states.end(), recipient.state) != states.end();
                     });
}

}  // namespace

bool has_filter(const QueueFilters& filters) {
  return !filters.from.empty() || !filters.to.empty() || !filters.upstream.empty() ||
         !filters.state.empty() || filters.code.has_value() || !filters.older.empty() ||
         !filters.younger.empty();
}

Result<Selection> to_selection(const QueueFilters& filters, WallTime now) {
  if (filters.code && (*filters.code < 0 || *filters.code > 599))
    return fail(
        "--code: " + std::to_string(*filters.code) + " is no code of a reply; next: write it like 550",
        kUsage);
  Selection selection;
  selection.from = filters.from;
  selection.to = filters.to;
  selection.upstream = filters.upstream;
  selection.state = filters.state;
  selection.code = filters.code;
  selection.received_before = TRY(moment_before("--older", filters.older, now));
  selection.received_after = TRY(moment_before("--younger", filters.younger, now));
  return selection;
}

IdKind kind_of_id(const std::string& typed) {
  if (MessageId::parse(typed)) return IdKind::Whole;
  // Well-formed, but the number 0 is no message's.
  if (typed == std::string(kIdCharacters, '0')) return IdKind::Nothing;
  return IdKind::Beginning;
}

// What the statements of the queue do: a message that is being sent is neither held nor removed.
bool touches(Operation operation, const SeenMessage& message) {
  const bool queued = has_recipient(message, {"queued", "uncertain"});
  const bool held = has_recipient(message, {"held"});
  const bool sending = has_recipient(message, {"sending"});
  switch (operation) {
    case Operation::Retry: return queued;
    case Operation::Hold: return queued && !sending;
    case Operation::Release: return held;
    case Operation::Remove: return (queued || held) && !sending;
  }
  return false;
}

}  // namespace mailchute
