#include "accept/admission.h"

namespace mailchute {

std::optional<Reply> ConnectionCount::refusal(std::optional<std::uint32_t> uid, std::size_t in_all_max,
                                              std::size_t per_user_max) const {
  if (in_all_ >= in_all_max) return Reply{421, "4.3.2", "Too many connections; try again later"};
  const auto found = by_user_.find(uid);
  if (found != by_user_.end() && found->second >= per_user_max)
    return Reply{421, "4.7.0", "Too many connections from you; try again later"};
  return std::nullopt;
}

void ConnectionCount::came(std::optional<std::uint32_t> uid) {
  ++in_all_;
  ++by_user_[uid];
}

void ConnectionCount::left(std::optional<std::uint32_t> uid) {
  --in_all_;
  const auto found = by_user_.find(uid);
  if (--found->second == 0) by_user_.erase(found);
}

}  // namespace mailchute
