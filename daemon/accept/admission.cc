#include "accept/admission.h"

#include "accept/caller.h"

namespace mailchute {

namespace {

const Reply kTooMany{421, "4.3.2", "Too many connections; try again later"};
const Reply kTooManyOfYours{421, "4.7.0", "Too many connections from you; try again later"};

bool unknown_stranger(const Source& source) { return source.login.empty() && is_stranger(source); }

}  // namespace

std::optional<Reply> ConnectionCount::refusal(const Source& source, std::size_t in_all_max,
                                              std::size_t per_party_max) const {
  if (in_all_ >= in_all_max) return kTooMany;
  if (count_of(source) >= per_party_max) return kTooManyOfYours;
  if (unknown_stranger(source) && strangers_ >= in_all_max / 2) return kTooMany;
  return std::nullopt;
}

void ConnectionCount::came(const Source& source) {
  ++in_all_;
  ++by_party_[party(source)];
  if (unknown_stranger(source)) ++strangers_;
}

void ConnectionCount::left(const Source& source) {
  --in_all_;
  const auto found = by_party_.find(party(source));
  if (--found->second == 0) by_party_.erase(found);
  if (unknown_stranger(source)) --strangers_;
}

std::optional<Reply> ConnectionCount::logs_in(const Source& before, const Source& after,
                                              std::size_t per_party_max) {
  if (count_of(after) >= per_party_max) return kTooManyOfYours;
  left(before);
  came(after);
  return std::nullopt;
}

std::size_t ConnectionCount::count_of(const Source& source) const {
  const auto found = by_party_.find(party(source));
  return found == by_party_.end() ? 0 : found->second;
}

}  // namespace mailchute
