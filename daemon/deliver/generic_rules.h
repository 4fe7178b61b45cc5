// The generic table: what a reply means where no provider's own row says otherwise. Pure; any thread.
#pragma once

#include "deliver/reply_rules.h"
#include "mail/verdict.h"

namespace mailchute {

/// Fate, blame, pause, alert and rule; what was said and where is the caller's to add.
Verdict generic_verdict(const ReplyContext& said);

}  // namespace mailchute
