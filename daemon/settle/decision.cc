#include "settle/decision.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "schedule/retry.h"
#include "store/route_text.h"

namespace mailchute {

namespace {

/// Behind whatever else waits for the upstream, so that a message on which a server hangs up cannot stand at
/// the head of the queue; and at first no longer, because it may be innocent.
constexpr Duration kAfterFirstHangUp = std::chrono::seconds(30);

constexpr std::size_t kReasonBytes = 100;

bool upstreams_trouble(const Verdict& verdict) {
  return verdict.fate != Fate::Delivered && verdict.blame == Blame::Upstream;
}

/// Once more may be one copy too many; twice more is not worth it without a person who says so.
RecipientState state_in_doubt(const ParcelRecipient& recipient, UncertainPolicy policy) {
  if (policy == UncertainPolicy::GiveUp) return RecipientState::Failed;
  const bool again = policy == UncertainPolicy::RetryOnce && !recipient.in_doubt;
  return again ? RecipientState::Queued : RecipientState::Held;
}

RecipientState state_after(const ParcelRecipient& recipient, const Verdict& verdict, Duration age,
                           UncertainPolicy policy) {
  if (verdict.fate == Fate::Delivered) return RecipientState::Delivered;
  if (verdict.in_doubt) return state_in_doubt(recipient, policy);
  if (verdict.fate == Fate::Refused && !upstreams_trouble(verdict)) return RecipientState::Failed;
  const bool too_old = verdict.retry_for > Duration::zero() && age > verdict.retry_for;
  if (too_old && !upstreams_trouble(verdict)) return RecipientState::Failed;
  return RecipientState::Queued;
}

/// Before MAIL FROM the breaker alone decides. Later, each hang-up in a row doubles the wait: every one of
/// them costs a connection and a login, and with other mail flowing in between the breaker sees no trouble.
Duration wait_for_upstream(const Verdict& verdict, int hang_ups, const Settings::Retry& retry,
                           std::uint64_t random) {
  if (!is_hang_up(verdict)) return Duration::zero();
  if (hang_ups <= 1) return std::min(kAfterFirstHangUp, retry.first);
  return retry_delay(retry, hang_ups - 1, random);
}

/// Nothing is known yet against a recipient that shared a transaction with a bad one: it goes again at once.
Duration wait(const Verdict& verdict, const RecipientSettlement& end, const Settings::Retry& retry,
              std::uint64_t random) {
  if (end.alone) return Duration::zero();
  if (upstreams_trouble(verdict)) return wait_for_upstream(verdict, end.hang_ups, retry, random);
  return retry_delay(retry, end.attempts, random);
}

}  // namespace

bool is_hang_up(const Verdict& verdict) {
  return upstreams_trouble(verdict) && verdict.stage >= Stage::MailFrom;
}

RecipientSettlement decide(const ParcelRecipient& recipient, const Verdict& verdict, Duration age,
                           WallTime now, const DecisionRules& rules, std::uint64_t random) {
  RecipientSettlement end;
  end.row = recipient.row;
  end.state = state_after(recipient, verdict, age, rules.uncertain);
  end.alone = verdict.remedy == Remedy::Split;
  end.attempts = recipient.attempts + (upstreams_trouble(verdict) || end.alone ? 0 : 1);
  // Once in doubt, always: also the copy that is delivered at last may be the second one.
  end.in_doubt = recipient.in_doubt || verdict.in_doubt;
  end.stage = verdict.stage;
  end.reply = verdict.reply;
  end.hang_ups = is_hang_up(verdict) ? recipient.hang_ups + 1 : 0;
  if (end.state != RecipientState::Queued) return end;
  end.next_attempt = now + std::max(verdict.retry_in, wait(verdict, end, rules.retry, random));
  return end;
}

std::string goes_on(const Parcel& parcel, const ParcelRecipient& recipient, const Verdict& verdict) {
  const bool certain = verdict.fate == Fate::Refused && !verdict.in_doubt && !recipient.in_doubt;
  if (verdict.remedy != Remedy::OtherUpstream || !certain) return {};
  return narrowed(parcel.route, parcel.upstream);
}

RecipientSettlement decide_going_on(const ParcelRecipient& recipient, const Verdict& verdict,
                                    std::string route, WallTime now) {
  RecipientSettlement end;
  end.row = recipient.row;
  end.attempts = recipient.attempts;
  end.next_attempt = now;
  end.stage = verdict.stage;
  end.reply = verdict.reply;
  end.route = std::move(route);
  return end;
}

RecipientSettlement decide_expired(const ParcelRecipient& recipient, const RecipientSettlement* last) {
  RecipientSettlement end;
  end.row = recipient.row;
  end.state = RecipientState::Failed;
  end.attempts = recipient.attempts;
  end.in_doubt = recipient.in_doubt;
  if (last != nullptr) {
    end.stage = last->stage;
    end.reply = last->reply;
  }
  if (end.reply.code == 0 && end.reply.text.empty()) end.reply.text = kNobodyAsked;
  return end;
}

const char* reason_for_silence(const Parcel& parcel) {
  if (parcel.notice) return "a notice causes no notice";
  if (!parcel.sender) return "the message has no sender";
  if (parcel.summary.automatic) return "the message was sent automatically";
  return nullptr;
}

bool wants_failure_notice(const Notify& notify) {
  if (notify.never) return false;
  return notify.failure || !notify.said();
}

bool wants_delay_notice(const Notify& notify) {
  if (notify.never) return false;
  return notify.delay || !notify.said();
}

bool wants_relay_notice(const Notify& notify) { return notify.success && !notify.never; }

std::string failure_reason(const Verdict& verdict, const RecipientSettlement& end) {
  if (verdict.rule == kExpiredRule) return verdict.rule;
  // A rule of the generic table speaks for many codes, and one code means many things: both are needed.
  const std::string rule = verdict.rule.empty() ? std::string(stage_name(end.stage)) : verdict.rule;
  return (rule + " " + std::to_string(end.reply.code) + " " + end.reply.enhanced).substr(0, kReasonBytes);
}

}  // namespace mailchute
