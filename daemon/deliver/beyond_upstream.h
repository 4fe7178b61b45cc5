// Whether a refusal says that the message is beyond this upstream, larger than it takes or in a form that it
// does not know, so that another one may take it. Pure; any thread.
#pragma once

#include "deliver/reply_rules.h"

namespace mailchute {

/// Only for a refusal of the whole message, in so many words: nobody has delivered any of it. Never at RCPT,
/// where a limit is the recipient's.
bool is_beyond_upstream(const ReplyContext& said);

}  // namespace mailchute
