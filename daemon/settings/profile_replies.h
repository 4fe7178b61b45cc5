// The `replies` and `explanations` of a provider's profile: rows of text become rules that are ready to be
// compared, or mistakes with their place. Pure; any thread.
#pragma once

#include <vector>

#include "settings/node.h"
#include "settings/reading.h"
#include "settings/reply_rule.h"

namespace mailchute {

/// The rows of `replies` in their order; `explanations` (a Null where there is none) holds words of the
/// profile's own for them. A row that is wrong is reported and left out.
std::vector<ReplyRule> read_replies(Reading& reading, const Node& replies, const Node& explanations);

}  // namespace mailchute
