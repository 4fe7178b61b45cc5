#include "settle/settler.h"

#include <algorithm>
#include <cstddef>
#include <map>
#include <memory>
#include <set>
#include <utility>
#include <vector>

#include "base/log.h"
#include "base/result.h"
#include "base/text.h"
#include "mail/reply.h"
#include "settle/decision.h"
#include "settle/notices.h"

namespace mailchute {

namespace {

enum class Cause { Attempt, Expiry };

}  // namespace

/// One settlement on its way: it is moved from step to step, and `then` is called at its end whatever
/// happens.
struct Settler::Work {
  Parcel parcel;
  Cause cause = Cause::Attempt;
  UniqueFunction<void(Settled)> then;
  Settlement settlement{};
  std::vector<Verdict> verdicts{};            ///< One for each recipient.
  std::vector<std::string> last_upstreams{};  ///< Likewise, of an expiry: whose words were the last.
  Attempt::Dsn dsn = Attempt::Dsn::Offered;   ///< The upstream's.
  std::vector<NoticeRecipient> told_now{};    ///< The others are gathered, or need not be told.
  const char* silence = nullptr;              ///< Why nobody is told, when that is so.

  /// Who had the recipient, or kept it waiting.
  const std::string& upstream_of(std::size_t i) const {
    return last_upstreams.empty() ? parcel.upstream : last_upstreams[i];
  }
};

namespace {

bool is_failure_to_tell(const Parcel& parcel, std::size_t i, const Settlement& settlement) {
  return settlement.recipients[i].state == RecipientState::Failed &&
         wants_failure_notice(parcel.recipients[i].recipient.notify);
}

bool any_failure_untold(const Parcel& parcel, const Settlement& settlement) {
  for (std::size_t i = 0; i < parcel.recipients.size(); ++i) {
    // A notice asks for none, and yet somebody should know that it failed.
    const bool notice_failed = parcel.notice && settlement.recipients[i].state == RecipientState::Failed;
    if (notice_failed || is_failure_to_tell(parcel, i, settlement)) return true;
  }
  return false;
}

DigestEntry digest_entry(const Parcel& parcel, const std::string& upstream, const ParcelRecipient& recipient,
                         const RecipientSettlement& end, const Verdict& verdict) {
  DigestEntry entry;
  entry.id = parcel.id;
  entry.recipient = recipient.recipient;
  entry.subject = parcel.summary.subject;
  entry.envelope_id = parcel.envelope_id;
  entry.upstream = upstream;
  entry.rule = verdict.rule;
  entry.blame = verdict.blame;
  entry.in_doubt = end.in_doubt;
  entry.expired = verdict.rule == kExpiredRule;
  entry.stage = end.stage;
  entry.reply = end.reply;
  return entry;
}

Verdict expired_verdict(const RecipientSettlement& end, Blame blame) {
  Verdict verdict;
  verdict.fate = Fate::Refused;
  verdict.blame = blame;
  verdict.stage = end.stage;
  verdict.reply = end.reply;
  verdict.rule = kExpiredRule;
  return verdict;
}

/// The recipients of an attempt had one route, and have met one upstream.
std::string narrowed_route(const Settlement& settlement) {
  for (const RecipientSettlement& end : settlement.recipients)
    if (!end.route.empty()) return end.route;
  return {};
}

std::optional<WallTime> earliest_next_attempt(const Settlement& settlement) {
  std::optional<WallTime> earliest;
  for (const RecipientSettlement& end : settlement.recipients)
    if (end.state == RecipientState::Queued)
      earliest = std::min(earliest.value_or(end.next_attempt), end.next_attempt);
  return earliest;
}

void log_fate(const Parcel& parcel, const std::string& upstream, const ParcelRecipient& recipient,
              const RecipientSettlement& end, Cause cause) {
  const std::string id = parcel.id.text();
  const std::string from = parcel.sender ? printable(parcel.sender->text()) : "<>";
  const std::string to = printable(recipient.recipient.mailbox.text());
  const std::string reply = reply_line(end.reply);
  const std::string staged = std::string(stage_name(end.stage)) + ": " + reply;
  const log::Subject subject{id, from, to, upstream};
  log::Answer answer{staged, end.reply.code, end.reply.enhanced, end.attempts};
  if (cause == Cause::Expiry) return log::expired(subject, answer);
  if (end.state == RecipientState::Failed) return log::failed(subject, answer);
  if (end.state == RecipientState::Held) return log::held(subject, answer);
  if (end.state == RecipientState::Delivered) {
    answer.words = reply;
    return log::delivered(subject, answer);
  }
  if (end.in_doubt && !recipient.in_doubt) log::uncertain(subject, answer);
  log::deferred(subject, answer, end.next_attempt);
}

void log_notices(const Parcel& parcel, const Settlement& settlement) {
  if (settlement.notice)
    log::notice_queued(parcel.id.text(), settlement.notice->message.id.text(),
                       printable(sender_text(parcel.sender)));
  for (const DigestPart& part : settlement.digests)
    for (const DigestEntry& entry : part.entries)
      log::notice_gathered(parcel.id.text(), printable(entry.recipient.mailbox.text()), part.due);
}

const LastReply* find_row(const std::vector<LastReply>& kept, std::int64_t row) {
  const auto found =
      std::find_if(kept.begin(), kept.end(), [row](const LastReply& last) { return last.end.row == row; });
  return found == kept.end() ? nullptr : &*found;
}

}  // namespace

Settler::Settler(Queue& queue, const Clock& clock, Alarms& alarms, Random& random, MessageIds& ids,
                 SettleOptions options)
    : queue_(queue),
      clock_(clock),
      random_(random),
      ids_(ids),
      options_(std::move(options)),
      digests_(queue, clock, alarms, ids, options_),
      delays_(queue, clock, alarms, ids, options_),
      watch_(moment(clock), options_.lifetime) {}

void Settler::start() {
  watch_ = ClockWatch(moment(clock_), options_.lifetime);
  digests_.start();
  delays_.start();
}

void Settler::reconfigure(SettleOptions options) {
  options_ = std::move(options);
  delays_.reconfigure();
  watch_.set_lifetime(options_.lifetime);
}

void Settler::settle(Attempt attempt, UniqueFunction<void(Settled)> then) {
  CHECK(attempt.verdicts.size() == attempt.parcel.recipients.size());
  Work work{std::move(attempt.parcel), Cause::Attempt, std::move(then)};
  work.settlement.id = work.parcel.id;
  work.settlement.attempt = std::move(attempt.record);
  work.dsn = attempt.dsn;
  for (std::size_t i = 0; i < attempt.verdicts.size(); ++i)
    work.settlement.recipients.push_back(
        settled(work.parcel, work.parcel.recipients[i], attempt.verdicts[i]));
  work.verdicts = std::move(attempt.verdicts);
  if (options_.limited.contains(work.parcel.upstream))
    work.settlement.spent = Spending{work.parcel.upstream, clock_.wall(), 1, work.parcel.recipients.size()};
  tell_sender(std::move(work));
}

// What a calendar that jumps forward adds is no age, and just after a start nothing is old: what waited while
// the machine was off has not been tried.
Duration Settler::age_of(const Parcel& parcel) {
  const Moment now = moment(clock_);
  watch_.observe(now);
  const std::optional<WallTime> horizon = watch_.expiry_horizon(now);
  return horizon ? *horizon - parcel.received : Duration::zero();
}

RecipientSettlement Settler::settled(const Parcel& parcel, const ParcelRecipient& recipient,
                                     const Verdict& verdict) {
  std::string route = goes_on(parcel, recipient, verdict);
  if (!route.empty()) return decide_going_on(recipient, verdict, std::move(route), clock_.wall());
  return decide(recipient, verdict, age_of(parcel), clock_.wall(), options_.rules, random_.next());
}

void Settler::expire(Parcel parcel, UniqueFunction<void()> then) {
  Work work{std::move(parcel), Cause::Expiry, [then = std::move(then)](const Settled&) mutable { then(); }};
  const MessageId id = work.parcel.id;
  auto kept = [this, work = std::move(work)](QueueResult<std::vector<LastReply>> replies) mutable {
    // Without the last words the notice says less, but it is written.
    plan_expiry(work, replies ? std::move(*replies) : std::vector<LastReply>());
    tell_sender(std::move(work));
  };
  queue_.last_replies(id, lifeline_.bind(std::move(kept)));
}

void Settler::plan_expiry(Work& work, const std::vector<LastReply>& last) const {
  work.settlement.id = work.parcel.id;
  for (const ParcelRecipient& recipient : work.parcel.recipients) {
    const LastReply* const known = find_row(last, recipient.row);
    const std::string upstream = known == nullptr ? std::string() : known->upstream;
    RecipientSettlement end = decide_expired(recipient, known == nullptr ? nullptr : &known->end);
    const Verdict judged = options_.judged(upstream, end.stage, end.reply);
    work.verdicts.push_back(expired_verdict(end, judged.blame));
    work.last_upstreams.push_back(upstream);
    work.settlement.recipients.push_back(std::move(end));
  }
}

// A notice needs the original's header, which for a large message is still in the queue.
void Settler::tell_sender(Work work) {
  if (const char* silence = reason_for_silence(work.parcel)) {
    if (any_failure_untold(work.parcel, work.settlement)) work.silence = silence;
    return commit(std::move(work));
  }
  plan(work);
  if (work.told_now.empty()) return commit(std::move(work));
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

// What is told now, and what is gathered because its like has been told a short while ago. Recipients of one
// attempt that fail for one reason are all told at once: they share a notice.
void Settler::plan(Work& work) {
  std::map<DigestKey, std::vector<DigestEntry>> gathered;
  std::set<DigestKey> first;
  for (std::size_t i = 0; i < work.parcel.recipients.size(); ++i) {
    if (is_success_to_tell(work, i)) tell_now(work, i, NoticeRecipient::Action::Relayed);
    if (!is_failure_to_tell(work.parcel, i, work.settlement)) continue;
    const DigestKey key{sender_text(work.parcel.sender),
                        failure_reason(work.verdicts[i], work.settlement.recipients[i])};
    if (digests_.has_begun(key)) {
      gathered[key].push_back(digest_entry(work.parcel, work.upstream_of(i), work.parcel.recipients[i],
                                           work.settlement.recipients[i], work.verdicts[i]));
      continue;
    }
    first.insert(key);
    tell_now(work, i, NoticeRecipient::Action::Failed);
  }
  for (const DigestKey& key : first)
    if (digests_.begin(key)) work.settlement.digests.push_back({key, digests_.due(key), {}});
  for (auto& [key, entries] : gathered)
    work.settlement.digests.push_back({key, digests_.due(key), std::move(entries)});
}

// RFC 3461 5.2.2: where the upstream offers DSN, a success is its to tell.
bool Settler::is_success_to_tell(const Work& work, std::size_t i) {
  return work.dsn == Attempt::Dsn::NotOffered &&
         work.settlement.recipients[i].state == RecipientState::Delivered &&
         wants_relay_notice(work.parcel.recipients[i].recipient.notify);
}

void Settler::tell_now(Work& work, std::size_t i, NoticeRecipient::Action action) {
  work.told_now.push_back(told(work.upstream_of(i), work.parcel.recipients[i], work.settlement.recipients[i],
                               work.verdicts[i], action, options_));
  if (action == NoticeRecipient::Action::Failed)
    work.told_now.back().refusers = refusers_of(work.parcel.route, options_);
}

void Settler::write_notice(Work& work, std::string original_header) {
  work.settlement.notice = attempt_notice(work.parcel, std::move(work.told_now),
                                          {ids_.next(), std::move(original_header), clock_.wall()}, options_);
}

// What a line of the log says is on disk already.
void Settler::commit(Work work) {
  Settlement settlement = work.settlement;
  auto done = [this, kept = std::make_unique<Work>(std::move(work))](QueueResult<void> result) {
    if (!result) return kept->then({false, std::nullopt});  // the store has latched and says so itself
    committed(*kept);
  };
  queue_.settle(std::move(settlement), lifeline_.bind(std::move(done)));
}

void Settler::committed(Work& work) {
  for (std::size_t i = 0; i < work.parcel.recipients.size(); ++i)
    log_fate(work.parcel, work.upstream_of(i), work.parcel.recipients[i], work.settlement.recipients[i],
             work.cause);
  log_notices(work.parcel, work.settlement);
  for (const DigestPart& part : work.settlement.digests) digests_.kept(part);
  if (work.silence != nullptr) {
    log::notice_not_sent(work.parcel.id.text(), work.silence);
    if (untold_) untold_(work.parcel.id, work.silence);
  }
  work.then({true, earliest_next_attempt(work.settlement), narrowed_route(work.settlement)});
}

}  // namespace mailchute
