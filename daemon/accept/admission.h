// How many clients may be connected at once, in all and for each party (accept/caller.h): a flood from one
// must leave room for the others, and strangers that have not logged in must leave room for this machine's
// own apps. Pure counting; loop thread only.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>

#include "mail/reply.h"
#include "store/queue.h"

namespace mailchute {

class ConnectionCount {
 public:
  /// What a client that comes now is to be told; empty: welcome.
  std::optional<Reply> refusal(const Source& source, std::size_t in_all_max, std::size_t per_party_max) const;

  /// With the same source as it came, or as it has become by logging in.
  void came(const Source& source);
  void left(const Source& source);

  /// It has logged in, and counts as that login from now on; or is told what is returned, and counts as
  /// before.
  std::optional<Reply> logs_in(const Source& before, const Source& after, std::size_t per_party_max);

  /// Some of this party's are here.
  bool counts(const Source& source) const { return count_of(source) > 0; }

 private:
  std::size_t count_of(const Source& source) const;

  std::size_t in_all_ = 0;
  std::size_t strangers_ = 0;  ///< Of them, those that have not logged in.
  std::map<std::string, std::size_t> by_party_;
};

}  // namespace mailchute
