// A provider's rows: which one a reply matches, and what it then means. Pure; any thread.
#pragma once

#include <span>

#include "deliver/reply_rules.h"
#include "mail/verdict.h"
#include "settings/reply_rule.h"

namespace mailchute {

/// The first row that matches and may be followed where the reply was given; null when there is none. A 2xx
/// or 3xx matches none: what counts as success is the protocol's to say.
const ReplyRule* matching_rule(std::span<const ReplyRule> rules, const ReplyContext& said);

/// The row's verdict.
Verdict verdict_by(const ReplyRule& rule, const ReplyContext& said);

}  // namespace mailchute
