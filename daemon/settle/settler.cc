#include "settle/settler.h"

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

#include "base/log.h"
#include "base/result.h"
#include "base/text.h"
#include "mail/reply.h"
#include "settle/decision.h"

namespace mailchute {

/// One settlement on its way: it is moved from step to step, and `then` is called at its end whatever
/// happens.
struct Settler::Work {
  Parcel parcel;
  Settlement settlement;
  GivenUp why = GivenUp::Refused;
  UniqueFunction<void(Settled)> then;
  const char* silence = nullptr;  ///< Why nobody is told, when that is so.
};

namespace {

/// Recipients whose hang-ups are counted; forgetting them costs a few early attempts.
constexpr std::size_t kHangUpsRemembered = 10'000;

std::vector<RecipientSettlement> to_be_told(const Parcel& parcel, const Settlement& settlement) {
  std::vector<RecipientSettlement> failed;
  for (std::size_t i = 0; i < parcel.recipients.size(); ++i) {
    const RecipientSettlement& end = settlement.recipients[i];
    if (end.state == RecipientState::Failed && wants_failure_notice(parcel.recipients[i].recipient.notify))
      failed.push_back(end);
  }
  return failed;
}

std::optional<WallTime> earliest_next_attempt(const Settlement& settlement) {
  std::optional<WallTime> earliest;
  for (const RecipientSettlement& end : settlement.recipients)
    if (end.state == RecipientState::Queued)
      earliest = std::min(earliest.value_or(end.next_attempt), end.next_attempt);
  return earliest;
}

void log_fate(const Parcel& parcel, const ParcelRecipient& recipient, const RecipientSettlement& end,
              GivenUp why) {
  const std::string id = parcel.id.text();
  const std::string to = printable(recipient.recipient.mailbox.text());
  const std::string words = std::string(stage_name(end.stage)) + ": " + reply_line(end.reply);
  if (why == GivenUp::Expired) return log::expired(id, to);
  if (end.state == RecipientState::Delivered)
    return log::delivered(id, to, parcel.upstream, reply_line(end.reply));
  if (end.state == RecipientState::Failed) return log::failed(id, to, parcel.upstream, words);
  if (end.state == RecipientState::Held) return log::held(id, to, parcel.upstream, words);
  if (end.in_doubt && !recipient.in_doubt) log::uncertain(id, to, parcel.upstream, words);
  log::deferred(id, to, parcel.upstream, words, end.next_attempt);
}

void log_fates(const Parcel& parcel, const Settlement& settlement, GivenUp why) {
  for (std::size_t i = 0; i < parcel.recipients.size(); ++i)
    log_fate(parcel, parcel.recipients[i], settlement.recipients[i], why);
  if (settlement.notice)
    log::notice_queued(parcel.id.text(), settlement.notice->message.id.text(),
                       printable(sender_text(parcel.sender)));
}

const RecipientSettlement* find_row(const std::vector<RecipientSettlement>& kept, std::int64_t row) {
  const auto found = std::find_if(kept.begin(), kept.end(),
                                  [row](const RecipientSettlement& end) { return end.row == row; });
  return found == kept.end() ? nullptr : &*found;
}

}  // namespace

Settler::Settler(Queue& queue, const Clock& clock, Random& random, MessageIds& ids, SettleOptions options)
    : queue_(queue), clock_(clock), random_(random), ids_(ids), options_(std::move(options)) {}

void Settler::settle(Attempt attempt, UniqueFunction<void(Settled)> then) {
  CHECK(attempt.verdicts.size() == attempt.parcel.recipients.size());
  Work work{std::move(attempt.parcel), {}, GivenUp::Refused, std::move(then)};
  work.settlement.id = work.parcel.id;
  work.settlement.attempt = std::move(attempt.record);
  for (std::size_t i = 0; i < attempt.verdicts.size(); ++i)
    work.settlement.recipients.push_back(
        settled(work.parcel, work.parcel.recipients[i], attempt.verdicts[i]));
  if (options_.limited.contains(work.parcel.upstream))
    work.settlement.spent = Spending{work.parcel.upstream, clock_.wall(), 1, work.parcel.recipients.size()};
  tell_sender(std::move(work));
}

RecipientSettlement Settler::settled(const Parcel& parcel, const ParcelRecipient& recipient,
                                     const Verdict& verdict) {
  const std::pair key(parcel.id, recipient.row);
  int hang_ups = 0;
  if (is_hang_up(verdict)) {
    if (hang_ups_.size() >= kHangUpsRemembered) hang_ups_.clear();
    hang_ups = ++hang_ups_[key];
  } else {
    hang_ups_.erase(key);
  }
  const WallTime now = clock_.wall();
  return decide(recipient, verdict, hang_ups, now - parcel.received, now, options_.rules, random_.next());
}

void Settler::expire(Parcel parcel, LastTrouble trouble, UniqueFunction<void()> then) {
  Work work{
      std::move(parcel), {}, GivenUp::Expired, [then = std::move(then)](const Settled&) mutable { then(); }};
  const MessageId id = work.parcel.id;
  auto kept = [this, work = std::move(work),
               trouble = std::move(trouble)](QueueResult<std::vector<RecipientSettlement>> replies) mutable {
    // Without the last words the notice says less, but it is written.
    const std::vector<RecipientSettlement> last =
        replies ? std::move(*replies) : std::vector<RecipientSettlement>();
    work.settlement.id = work.parcel.id;
    for (const ParcelRecipient& recipient : work.parcel.recipients)
      work.settlement.recipients.push_back(
          decide_expired(recipient, find_row(last, recipient.row), trouble.stage, trouble.reply));
    tell_sender(std::move(work));
  };
  queue_.last_replies(id, lifeline_.bind(std::move(kept)));
}

// The notice needs the original's header, which for a large message is still in the queue.
void Settler::tell_sender(Work work) {
  if (to_be_told(work.parcel, work.settlement).empty()) return commit(std::move(work));
  if (const char* silence = reason_for_silence(work.parcel)) {
    log::notice_not_sent(work.parcel.id.text(), silence);
    work.silence = silence;
    return commit(std::move(work));
  }
  if (work.parcel.content) {
    write_notice(work, header_section(*work.parcel.content));
    return commit(std::move(work));
  }
  const MessageId id = work.parcel.id;
  auto read = [this, work = std::move(work)](QueueResult<std::string> chunk) mutable {
    write_notice(work, chunk ? header_section(*chunk) : std::string());
    commit(std::move(work));
  };
  queue_.read_chunk(id, 0, lifeline_.bind(std::move(read)));
}

void Settler::write_notice(Work& work, std::string original_header) {
  work.settlement.notice = failure_notice(work.parcel, to_be_told(work.parcel, work.settlement), work.why,
                                          std::move(original_header), ids_.next(), clock_.wall(), options_);
}

// What a line of the log says is on disk already.
void Settler::commit(Work work) {
  Settlement settlement = work.settlement;
  auto committed = [this, work = std::move(work)](QueueResult<void> result) mutable {
    if (!result) return work.then({false, std::nullopt});  // the store has latched and says so itself
    log_fates(work.parcel, work.settlement, work.why);
    if (work.silence != nullptr && untold_) untold_(work.parcel.id, work.silence);
    work.then({true, earliest_next_attempt(work.settlement)});
  };
  queue_.settle(std::move(settlement), lifeline_.bind(std::move(committed)));
}

}  // namespace mailchute
