// How many clients may be connected at once, in all and for each local user: a flood from one user must leave
// room for the others. Pure counting; loop thread only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>

#include "mail/reply.h"

namespace mailchute {

class ConnectionCount {
 public:
  /// What a client that comes now is to be told; empty: welcome. Clients whose user is unknown count as one
  /// user.
  std::optional<Reply> refusal(std::optional<std::uint32_t> uid, std::size_t in_all_max,
                               std::size_t per_user_max) const;

  void came(std::optional<std::uint32_t> uid);
  void left(std::optional<std::uint32_t> uid);
  /// Some of this user's are here.
  bool counts(std::optional<std::uint32_t> uid) const { return by_user_.contains(uid); }

 private:
  std::size_t in_all_ = 0;
  std::map<std::optional<std::uint32_t>, std::size_t> by_user_;
};

}  // namespace mailchute
