// Who holds how much of the queue: for each local user the bytes of mail that waits and of mail on its way
// in. Nobody may hold more than is left for all, so that one user's flood always leaves room for the others;
// root and our own notices are not counted. Pure counting; loop thread only.
#pragma once

#include <cstdint>
#include <map>
#include <optional>

#include "store/queue.h"

namespace mailchute {

/// Whose mail is counted together; empty: all whom the kernel does not name, as one.
using ShareUser = std::optional<std::uint32_t>;

/// What a message counts for: about its content and its records. 0 for what is not counted.
std::uint64_t share_weight(const NewMessage& message);

/// A change of what a user holds.
struct ShareChange {
  ShareUser user;
  std::int64_t bytes = 0;
};

class Shares {
 public:
  struct Holding {
    ShareUser user;
    std::uint64_t bytes = 0;
  };

  void change(const ShareChange& change);

  /// Whether this user may hold no more while `left` bytes are left for all. `apart` of what the user holds
  /// belongs to the message that is asked about: one message alone is never too much.
  bool spent(ShareUser user, std::uint64_t left, std::uint64_t apart = 0) const;

  std::uint64_t held(ShareUser user) const;
  /// Who holds the most; empty when nothing is held.
  std::optional<Holding> largest() const;

 private:
  std::map<ShareUser, std::uint64_t> held_;  ///< No zeros: as many as there are users whose mail waits.
};

}  // namespace mailchute
