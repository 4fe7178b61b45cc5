// One row of a provider's table of replies, read from its profile and ready to be compared. What a row means
// is deliver/reply_rules.h's business. A value; any thread.
#pragma once

#include <string>
#include <vector>

#include "base/clock.h"
#include "mail/explanation.h"
#include "mail/reply.h"
#include "mail/verdict.h"

namespace mailchute {

struct ReplyRule {
  /// A span of reply codes, both ends in it; 0 to 0: no reply came.
  struct Codes {
    int least = 0;
    int most = 0;
    bool operator==(const Codes&) const = default;
  };

  enum class Then {
    Retry,             ///< Later; whom it costs an attempt follows from the stage.
    Keep,              ///< The message waits for a person, for hours between two attempts.
    Slow,              ///< The upstream rests (Rate).
    PauseQuota,        ///< The same, for a quota of hours.
    PauseUntilDayEnd,  ///< The same, until midnight where the provider is.
    PauseLogin,        ///< The upstream rests on the ladder of refused logins.
    PausePerson,       ///< The same; a person must act first.
    Reconnect,         ///< The connection's end, nobody's fault.
    Relogin,           ///< A new connection with a new login; said again, as PauseLogin.
    OtherMechanism,    ///< Another form of login may do; else as PauseLogin.
    Split,             ///< Recipients one by one; said of one alone, it is that one that is refused.
    RefuseMessage,
    RefuseSender,
    RefuseRecipient,
  };

  std::string id;
  std::vector<Stage> at;              ///< Empty: any. FinalDot means an early answer to the content too.
  std::vector<Codes> codes;           ///< Empty: any 4xx and 5xx.
  std::vector<std::string> enhanced;  ///< Patterns with `*`, one of which must match; empty: any.
  std::vector<std::string> text;      ///< Parts, one of which must be found; `*` in them is any run of bytes.
  Then then = Then::Retry;
  Pause pause;              ///< As written; its kind and what is missing follow from `then`.
  bool pauses_too = false;  ///< A refusal or retry that asks for `pause` besides.
  Alert alert = Alert::None;
  Duration retry_in{0};
  Duration retry_for{0};
  Explanation explanation;
  bool operator==(const ReplyRule&) const = default;
};

}  // namespace mailchute
