// What an attempt came to, for one recipient, and what the upstream's words ask for beyond that. Decides
// nothing by itself: blame says who has to wait, the pause how long the upstream is left alone.
// Values; any thread.
#pragma once

#include <optional>
#include <string>

#include "base/clock.h"
#include "mail/reply.h"

namespace mailchute {

enum class Fate { Delivered, Deferred, Refused };

/// Whose trouble it is. Upstream: everything before MAIL FROM and every "slow down"; it never costs a message
/// an attempt.
enum class Blame { Recipient, Message, Sender, Upstream };

/// An upstream is to be left alone: why, and for how long. Nothing but a kind: that kind's own ladder
/// (schedule/breaker.h).
struct Pause {
  /// From the mildest to the gravest: a graver one takes a milder one's place.
  enum class Kind {
    None,
    Connection,  ///< It cannot be reached, or hangs up.
    Rate,        ///< "Slow down".
    Login,       ///< The credential was refused.
    Quota,       ///< What may be sent today has been sent.
    Person,      ///< Nothing helps but a person: a switch to be set, a challenge, an account that is blocked.
  } kind = Kind::Rate;
  Duration first{0};  ///< Zero: the ladder's own.
  Duration max{0};    ///< Repeated, it doubles up to this; below `first`: it stays.
  std::optional<Duration> day_end =
      std::nullopt;  ///< Instead: until midnight on a clock this far ahead of UTC.
  int after = 1;     ///< Only when the same rule spoke this often in a row.
  Duration told{0};  ///< At least this long: the upstream's own words. At most a day.
  bool operator==(const Pause&) const = default;
};

/// When a person is to be told. Third: the third time in a row, or at once if this login has never worked.
enum class Alert { None, First, Third };

/// What delivery itself can do about it. Split: the same again, one recipient at a time. Reconnect: this
/// connection is of no more use, the message goes over another. OtherMechanism: the login's form was refused,
/// not the credential. OtherUpstream: this upstream cannot take the message, and certainly has not; another
/// may.
enum class Remedy { None, Split, Reconnect, OtherMechanism, OtherUpstream };

/// `in_doubt`: the final reply was lost after all content had been sent; the message may have been delivered
/// (RFC 1047).
struct Verdict {
  Fate fate = Fate::Deferred;
  Blame blame = Blame::Upstream;
  Stage stage = Stage::Connect;
  Reply reply;
  bool in_doubt = false;
  std::string rule{};            ///< Which rule spoke: the key to its explanation in words.
  std::optional<Pause> pause{};  ///< Also a refusal may ask for one (spam, three times in a row).
  Alert alert = Alert::None;
  Remedy remedy = Remedy::None;
  Duration retry_in{0};   ///< Deferred: not before this; zero: the usual delay.
  Duration retry_for{0};  ///< Deferred: refused once the message is older than this; zero: its lifetime.
};

}  // namespace mailchute
