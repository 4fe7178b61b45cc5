#include "settle/digests.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "base/log.h"
#include "base/text.h"
#include "settle/notices.h"

namespace mailchute {

namespace {

/// Kinds of failures that may be gathered at once; a relay that bounces mail of more senders has other
/// troubles, and tells each at once.
constexpr std::size_t kDigestsMax = 10'000;

/// Digests told in one turn; each is a transaction's worth of rows.
constexpr std::size_t kToldAtOnce = 50;

/// After a disk without space, or a queue that another process had locked.
constexpr Duration kAgainIn = std::chrono::minutes(1);

}  // namespace

Digests::Digests(Queue& queue, const Clock& clock, Alarms& alarms, MessageIds& ids,
                 const SettleOptions& options)
    : queue_(queue),
      clock_(clock),
      ids_(ids),
      options_(options),
      alarm_(alarms.make_alarm()),
      start_alarm_(alarms.make_alarm()) {}

void Digests::start() {
  queue_.open_digests(lifeline_.bind([this](QueueResult<std::vector<DigestDue>> open) {
    if (!open) return start_again(open.error());
    for (const DigestDue& each : *open) watch(each.key, each.due - clock_.wall());
  }));
}

// A queue that is broken says so itself, and the next start asks again.
void Digests::start_again(const QueueFault& fault) {
  if (fault.kind == QueueFault::Kind::Broken) return;
  start_alarm_->set(kAgainIn, lifeline_.bind([this] { start(); }));
}

bool Digests::begin(const DigestKey& key) {
  if (due_.size() >= kDigestsMax) return false;
  watch(key, options_.digest_window);
  return true;
}

WallTime Digests::due(const DigestKey& key) const {
  const auto found = due_.find(key);
  return clock_.wall() + (found == due_.end() ? options_.digest_window : found->second - clock_.steady());
}

// A digest may have been told while an addition to it waited for room on a full disk.
void Digests::kept(const DigestPart& part) {
  if (!part.entries.empty()) watch(part.key, options_.digest_window);
}

// One that is known keeps its time. What the wall clock says is believed within the window only.
void Digests::watch(const DigestKey& key, Duration in) {
  const Duration within = std::clamp(in, Duration::zero(), options_.digest_window);
  if (due_.try_emplace(key, clock_.steady() + within).second) set_alarm();
}

void Digests::set_alarm() {
  if (due_.empty()) return alarm_->clear();
  const auto first = std::min_element(due_.begin(), due_.end(),
                                      [](const auto& a, const auto& b) { return a.second < b.second; });
  alarm_->set(first->second - clock_.steady(), lifeline_.bind([this] { tell_due(); }));
}

void Digests::tell_due() {
  std::vector<DigestKey> due;
  for (const auto& [key, at] : due_) {
    if (due.size() == kToldAtOnce) break;
    if (at <= clock_.steady()) due.push_back(key);
  }
  for (const DigestKey& key : due) tell(key);
  set_alarm();
}

// From here on the next failure of its kind is a first one again.
void Digests::tell(const DigestKey& key) {
  due_.erase(key);
  const MessageId id = ids_.next();
  WriteDigest write = [id, now = clock_.wall(), options = options_](const Digest& digest) {
    return digest_notice(digest, id, now, options);
  };
  queue_.tell_digest(key, std::move(write), lifeline_.bind([this, key, id](QueueResult<std::size_t> result) {
    told(key, id, result);
  }));
}

void Digests::told(const DigestKey& key, MessageId notice_id, const QueueResult<std::size_t>& result) {
  if (result && *result > 0) log::digest_queued(notice_id.text(), printable(key.sender), *result);
  if (result || result.error().kind == QueueFault::Kind::Broken) return;
  watch(key, kAgainIn);
}

}  // namespace mailchute
