// The story of a message, recipient by recipient: what was tried, what was answered and what that means, why
// it waits and until when, what to type. Recipients with the same story are told together. Pure; any thread.
#pragma once

#include <vector>

#include "command/explain_facts.h"
#include "store/reader.h"

namespace mailchute {

Story explain_message(const SeenMessage& message, const std::vector<SeenAttempt>& attempts,
                      const ExplainFacts& facts);

}  // namespace mailchute
