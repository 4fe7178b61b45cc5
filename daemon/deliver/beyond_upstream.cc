#include "deliver/beyond_upstream.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include "base/text.h"

namespace mailchute {

namespace {

bool of_whole_message(Stage stage) {
  return stage == Stage::MailFrom || stage == Stage::Data || stage == Stage::Body || stage == Stage::FinalDot;
}

/// RFC 3463: message too big for the system, or longer than an administrator allows (Gmail). RFC 6531: needs
/// SMTPUTF8.
bool has_code_of_it(const Reply& reply) {
  static constexpr std::array<std::string_view, 3> kCodes = {"5.3.4", "5.2.3", "5.6.7"};
  return std::find(kCodes.begin(), kCodes.end(), reply.enhanced) != kCodes.end();
}

/// RFC 1870 6: 552 speaks of the size, but also of a full mailbox and, at some providers, of anything else.
bool speaks_of_size(const Reply& reply) {
  static constexpr std::array<std::string_view, 4> kWords = {"size", "large", "big", "too long"};
  const std::string text = lower(reply.text);
  return reply.code == 552 && reply.enhanced.empty() &&
         std::any_of(kWords.begin(), kWords.end(),
                     [&](std::string_view word) { return text.find(word) != std::string::npos; });
}

}  // namespace

bool is_beyond_upstream(const ReplyContext& said) {
  return of_whole_message(said.stage) && said.reply.permanent() &&
         (has_code_of_it(said.reply) || speaks_of_size(said.reply));
}

}  // namespace mailchute
