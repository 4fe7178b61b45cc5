#include "store/shares.h"

#include <algorithm>

namespace mailchute {

namespace {

// Seen in queues of small messages: 0.7 KiB for the row of a message with its indexes, a third of that for
// each recipient. Rounded up, for replies are kept beside them as they come.
constexpr std::uint64_t kMessageBytes = 1024;
constexpr std::uint64_t kRecipientBytes = 512;

constexpr std::uint32_t kRoot = 0;

}  // namespace

std::uint64_t share_weight(const NewMessage& message) {
  if (message.notice || message.source.uid == kRoot) return 0;
  const HeaderSummary& summary = message.summary;
  std::uint64_t bytes = kMessageBytes + message.bytes + message.envelope_id.size() + summary.subject.size() +
                        summary.from.size() + summary.message_id.size();
  for (const NewRecipient& each : message.recipients)
    bytes += kRecipientBytes + each.recipient.original.size();
  return bytes;
}

void Shares::change(const ShareChange& change) {
  if (change.user == kRoot) return;
  std::uint64_t& bytes = held_[change.user];
  const auto by = static_cast<std::uint64_t>(change.bytes < 0 ? -change.bytes : change.bytes);
  bytes = change.bytes < 0 ? bytes - std::min(bytes, by) : bytes + by;
  if (bytes == 0) held_.erase(change.user);
}

bool Shares::spent(ShareUser user, std::uint64_t left, std::uint64_t apart) const {
  const std::uint64_t bytes = held(user);
  return bytes > apart && bytes - apart >= left;
}

std::uint64_t Shares::held(ShareUser user) const {
  const auto found = held_.find(user);
  return found == held_.end() ? 0 : found->second;
}

std::optional<Shares::Holding> Shares::largest() const {
  const auto most = std::max_element(held_.begin(), held_.end(),
                                     [](const auto& a, const auto& b) { return a.second < b.second; });
  if (most == held_.end()) return std::nullopt;
  return Holding{most->first, most->second};
}

}  // namespace mailchute
