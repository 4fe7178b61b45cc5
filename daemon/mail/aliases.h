// Where mail for names of this machine goes: aliases followed to addresses that mail can be sent to. Holds
// the table, knows no file. Pure; any thread.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/result.h"
#include "mail/mailbox.h"

namespace mailchute {

/// A name in lower case, and what stands for it: addresses, or further names.
using AliasTable = std::map<std::string, std::vector<Mailbox>>;

/// What this machine calls itself, and who reads what.
struct LocalNames {
  AliasTable table;
  std::optional<Mailbox> root;  ///< Who reads the mail for root; it wins over the table's root.
  std::string mail_domain;      ///< Completes a bare name that nothing else is known of.
  std::string hostname;
};

class Aliases {
 public:
  /// Without a name that is ours: nothing is local but bare names, and those stay.
  Aliases() = default;
  explicit Aliases(LocalNames names) : names_(std::move(names)) {}

  /// A bare name, or one at mail_domain, hostname or localhost.
  bool is_local(const Mailbox& address) const;

  /// With mail_domain if it has no domain.
  Mailbox completed(const Mailbox& address) const { return address.completed(names_.mail_domain); }

  /// Where mail for `address` goes, each address once, never none. An address that is not local is itself. A
  /// name in the table is what stands for it, followed as far as it leads; one that leads nowhere but to
  /// itself counts as not in the table. Of the others, root, postmaster, mailer-daemon and every bare name
  /// are root's, and else completed with mail_domain: a bare name never gets a domain that is not ours. Fails
  /// when more than `most` addresses come of it.
  Result<std::vector<Mailbox>> resolve(const Mailbox& address, std::size_t most) const;

 private:
  struct Walk;
  void follow(const Mailbox& address, Walk& walk) const;
  void follow_root(const Mailbox& address, Walk& walk) const;

  LocalNames names_;
};

}  // namespace mailchute
