// The recipients of one message as they go into the queue: aliases followed, each address once. This is done
// when a recipient is accepted and not when it is delivered: the app hears at once of too many, each address
// is retried and reported by itself, and what was accepted for somebody does not go to somebody else after a
// reload. Pure; one per transaction.
#pragma once

#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "mail/aliases.h"
#include "mail/envelope.h"
#include "mail/reply.h"

namespace mailchute {

class Recipients {
 public:
  /// Adds whom `named` stands for. What the app gave as the original recipient stays with each of them, and
  /// where it gave none, `named` itself is it (RFC 3461 5.2.7). The reply, if it cannot be taken: 452 4.5.3
  /// when there would be more than `most`, none of which is added then.
  std::optional<Reply> add(const Recipient& named, const Aliases& aliases, std::size_t most);

  const std::vector<Recipient>& all() const { return all_; }

 private:
  std::vector<Recipient> all_;
  std::set<std::string> texts_;  ///< Of them.
};

}  // namespace mailchute
