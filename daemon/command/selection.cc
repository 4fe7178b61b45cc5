#include "command/selection.h"

#include <algorithm>
#include <optional>

#include "base/exit_codes.h"
#include "base/text.h"
#include "command/moments.h"

namespace mailchute {

namespace {

constexpr std::size_t kIdCharacters = 12;

Result<std::optional<WallTime>> moment_named(const char* option, const std::string& text, WallTime now) {
  if (text.empty()) return std::optional<WallTime>();
  const auto moment = moment_of(text, now);
  if (!moment) return fail(std::string(option) + ": " + moment.error().text, exit_code::kUsage);
  return std::optional<WallTime>(*moment);
}

/// What both ends of a day and the other two filters leave.
Result<void> narrow_to_day(const std::string& text, WallTime now, Selection& selection) {
  if (text.empty()) return {};
  const auto day = day_of(text, now);
  if (!day) return fail("--day: " + day.error().text, exit_code::kUsage);
  selection.received_after = std::max(selection.received_after.value_or(day->begins), day->begins);
  selection.received_before = std::min(selection.received_before.value_or(day->ends), day->ends);
  return {};
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
         !filters.younger.empty() || !filters.day.empty();
}

Result<Selection> to_selection(const QueueFilters& filters, WallTime now) {
  if (filters.code && (*filters.code < 0 || *filters.code > 599))
    return fail(
        "--code: " + std::to_string(*filters.code) + " is no code of a reply; next: write it like 550",
        exit_code::kUsage);
  Selection selection;
  selection.from = filters.from;
  selection.to = filters.to;
  selection.upstream = filters.upstream;
  selection.state = filters.state;
  selection.code = filters.code;
  selection.received_before = TRY(moment_named("--older", filters.older, now));
  selection.received_after = TRY(moment_named("--younger", filters.younger, now));
  TRY_VOID(narrow_to_day(filters.day, now, selection));
  return selection;
}

IdKind kind_of_id(const std::string& typed) {
  if (MessageId::parse(typed)) return IdKind::Whole;
  // Well-formed, but the number 0 is no message's.
  if (typed == std::string(kIdCharacters, '0')) return IdKind::Nothing;
  return IdKind::Beginning;
}

bool being_sent(const SeenMessage& message) { return has_recipient(message, {"sending"}); }

// What the statements of the queue do: a message that is being sent is neither held nor removed.
bool touches(Operation operation, const SeenMessage& message) {
  const bool queued = has_recipient(message, {"queued", "uncertain"});
  const bool held = has_recipient(message, {"held"});
  const bool sending = being_sent(message);
  switch (operation) {
    case Operation::Retry: return queued;
    case Operation::Hold: return queued && !sending;
    case Operation::Release: return held;
    case Operation::Remove: return (queued || held) && !sending;
  }
  return false;
}

}  // namespace mailchute
