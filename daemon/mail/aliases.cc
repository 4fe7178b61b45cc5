#include "mail/aliases.h"

#include <algorithm>
#include <utility>

#include "base/text.h"

namespace mailchute {

namespace {

constexpr std::string_view kRoot = "root";
/// Nobody but this machine is called so (RFC 6761 6.3), so a name there is as good as a bare one.
constexpr std::string_view kThisMachine = "localhost";

/// What every machine has and no person is: RFC 5321 4.5.1, RFC 2142.
bool is_roots_business(const std::string& name) {
  return name == kRoot || name == "postmaster" || name == "mailer-daemon";
}

}  // namespace

/// One resolution under way. `seen` bounds it: no name is followed twice.
struct Aliases::Walk {
  std::size_t most;
  std::vector<Mailbox> found;
  std::set<std::string> seen;
  std::set<std::string> reached;

  void reach(Mailbox address) {
    if (found.size() > most || !reached.insert(address.text()).second) return;
    found.push_back(std::move(address));
  }
};

bool Aliases::is_local(const Mailbox& address) const {
  if (address.bare()) return true;
  return address.domain() == kThisMachine || equal_nocase(address.domain(), names_.mail_domain) ||
         equal_nocase(address.domain(), names_.hostname);
}

Result<std::vector<Mailbox>> Aliases::resolve(const Mailbox& address, std::size_t most) const {
  Walk walk{most, {}, {}, {}};
  follow(address, walk);
  // Nothing but a circle. Where root is in it too, that is found out by following root once; it ends the
  // second time.
  while (walk.found.empty()) follow_root(address, walk);
  if (walk.found.size() > most)
    return fail("the alias " + address.text() + " stands for more than " + std::to_string(most) +
                " addresses");
  return std::move(walk.found);
}

void Aliases::follow(const Mailbox& address, Walk& walk) const {
  if (walk.found.size() > walk.most) return;
  if (!is_local(address)) return walk.reach(address);
  const std::string name = lower(address.local());
  if (!walk.seen.insert(name).second) return;

  const auto entry = names_.table.find(name);
  const bool roots_own = name == kRoot && names_.root;
  if (entry == names_.table.end() || roots_own) return follow_root(address, walk);
  for (const Mailbox& target : entry->second) follow(target, walk);
}

/// For a name that the table does not know, or that leads back to itself.
void Aliases::follow_root(const Mailbox& address, Walk& walk) const {
  const std::string name = lower(address.local());
  const bool nobody_elses = address.bare() || address.domain() == kThisMachine;
  const bool to_root = is_roots_business(name) || (nobody_elses && names_.root.has_value());
  if (to_root && names_.root) return walk.reach(names_.root->completed(names_.mail_domain));
  // postmaster is root's also where only the table says who root is.
  if (to_root && name != kRoot && names_.table.contains(std::string(kRoot)) &&
      !walk.seen.contains(std::string(kRoot)))
    return follow(Mailbox(std::string(kRoot), ""), walk);
  walk.reach(nobody_elses ? Mailbox(address.local(), "").completed(names_.mail_domain) : address);
}

}  // namespace mailchute
