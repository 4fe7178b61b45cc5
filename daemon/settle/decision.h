// What becomes of one recipient after an attempt, and whether its sender is told. Pure; any thread.
#pragma once

#include <cstdint>
#include <string>

#include "base/clock.h"
#include "mail/envelope.h"
#include "mail/uncertain.h"
#include "mail/verdict.h"
#include "settings/settings.h"
#include "store/queue.h"

namespace mailchute {

/// True when the upstream gave up on a transaction that had begun, without judging it (421, "slow down").
bool is_hang_up(const Verdict& verdict);

/// What a decision goes by, from the configuration.
struct DecisionRules {
  Settings::Retry retry;
  UncertainPolicy uncertain = UncertainPolicy::RetryOnce;
};

/// Delivered and refused are final. A lost final reply is the policy's to decide. Deferred waits: for a
/// trouble of the upstream no attempt is counted and the breaker decides, anything else costs one attempt and
/// the delay of schedule/retry.h, and so does, uncounted, a recipient on which upstreams hang up again and
/// again. A refusal that is the upstream's trouble is no refusal. `age` is the message's, without the jumps
/// of the clock. `random` is any 64 bits.
RecipientSettlement decide(const ParcelRecipient& recipient, const Verdict& verdict, Duration age,
                           WallTime now, const DecisionRules& rules, std::uint64_t random);

/// The route without the upstream that cannot take the message, for a recipient that goes on with another one
/// of it; empty when it does not: nobody else is left, or an earlier attempt may have delivered it.
std::string goes_on(const Parcel& parcel, const ParcelRecipient& recipient, const Verdict& verdict);

/// What becomes of it then: due at once, and no attempt is counted.
RecipientSettlement decide_going_on(const ParcelRecipient& recipient, const Verdict& verdict,
                                    std::string route, WallTime now);

/// Stands as the last reply to a recipient that nobody was asked to take before its time was over.
inline constexpr char kNobodyAsked[] = "no upstream could take the message in time";

/// Given up because its time is over. `last` is what the queue knows of it, if anything.
RecipientSettlement decide_expired(const ParcelRecipient& recipient, const RecipientSettlement* last);

/// Stands for a rule in what is made of an expiry.
inline constexpr char kExpiredRule[] = "expired";

/// Why nobody is told of a failure of this message; null when the sender may be. A null sender cannot be told
/// (RFC 5321 4.5.5), a notice never causes a notice, and what a machine sent by itself gets no answer from a
/// machine (RFC 3834 2).
const char* reason_for_silence(const Parcel& parcel);

/// RFC 3461 4.1: unless said otherwise, failures are told.
bool wants_failure_notice(const Notify& notify);
/// Unsaid leaves it to us (RFC 3461 4.1), and a person wants to know.
bool wants_delay_notice(const Notify& notify);
/// Only where asked for. Nothing more is known of it then that the next server took it, so it is called
/// "relayed" (RFC 3461 5.2.2).
bool wants_relay_notice(const Notify& notify);

/// What failures are alike in that are told together: the rule that spoke, or the stage where none did, and
/// the reply's codes; of an expiry, that it is one. At most a hundred bytes.
std::string failure_reason(const Verdict& verdict, const RecipientSettlement& end);

}  // namespace mailchute
