// How long a reply asks to be left alone, where it says so itself: "try again in 5 minutes", "come back in
// 00:04:59", "try again after Thu, 26 Nov 2026 23:59:59 GMT". What a profile or a ladder says is a guess
// beside it. Pure; any thread.
#pragma once

#include <optional>

#include "base/clock.h"
#include "mail/reply.h"
#include "mail/verdict.h"

namespace mailchute {

/// Above zero, at most a day; empty when the text names no such time, or one that cannot be meant. Only what
/// follows a word like again, retry, wait or back counts: "500 messages in 24 hours" is a limit, not a wait.
/// A date needs a zone.
std::optional<Duration> told_wait(const Reply& reply, WallTime now);

/// Lengthens a pause to what the reply says; one that a person must end stays.
void heed_told_wait(Pause& pause, const Reply& reply, WallTime now);

/// Lengthens what `verdict` asks for to what its reply says: the upstream's pause where it has one, else the
/// message's wait. A verdict that is not Deferred stays as it is.
void heed_told_wait(Verdict& verdict, WallTime now);

}  // namespace mailchute
