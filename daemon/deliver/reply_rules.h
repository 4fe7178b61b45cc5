// What an upstream's reply means for a recipient and for the upstream. The provider's own rows are asked
// first, in their order; the first that matches decides. Then the generic table. Bytes are compared, ASCII
// case is ignored. Pure; any thread.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

#include "mail/explanation.h"
#include "mail/reply.h"
#include "mail/verdict.h"
#include "settings/reply_rule.h"

namespace mailchute {

/// What was said, and where.
struct ReplyContext {
  Stage stage = Stage::Connect;
  Reply reply;                  ///< Code 0: no reply came.
  bool final_dot_sent = false;  ///< All content and its end had been sent.
  std::size_t recipients = 1;   ///< Of the transaction.
};

/// Never Refused before MAIL FROM; Delivered only for a 2xx after the final dot, whatever `rules` say. Before
/// MAIL FROM there is always a pause.
Verdict classify(const ReplyContext& context, std::span<const ReplyRule> rules = {});

/// The words for the rule `id` of a verdict; empty when neither `rules` nor the generic table has it.
std::optional<Explanation> explanation(std::string_view id, std::span<const ReplyRule> rules = {});

}  // namespace mailchute
