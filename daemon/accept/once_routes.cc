#include "accept/once_routes.h"

#include <algorithm>
#include <utility>

#include "base/text.h"

namespace mailchute {

void OnceRoutes::expect(std::string message_id, std::string route, SteadyTime now) {
  if (words_.size() == kMost) words_.pop_front();
  words_.push_back({std::move(message_id), std::move(route), now + kPatience});
}

std::optional<std::string> OnceRoutes::take(std::string_view message_id, SteadyTime now) {
  std::erase_if(words_, [now](const Word& word) { return word.until <= now; });
  const auto found = std::find_if(words_.begin(), words_.end(),
                                  [&](const Word& word) { return word.message_id == trim(message_id); });
  if (found == words_.end()) return std::nullopt;
  std::string route = std::move(found->route);
  words_.erase(found);
  return route;
}

}  // namespace mailchute
