// The providers' profiles: data files that say how a provider's server is reached, how it wants to be treated
// and what its replies mean, so that a user name is enough to begin. Reads files; any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "settings/node.h"
#include "settings/reading.h"
#include "settings/reply_rule.h"
#include "settings/schema.h"

namespace mailchute {

struct Profile {
  std::string name;
  ProfileHead head;
  Node defaults;                          ///< Values of upstream keys, checked.
  std::vector<Alternative> alternatives;  ///< Without a host: the upstream's own.
  std::vector<ReplyRule> rules;           ///< Its own, then those of the profile it builds on.
};

class Profiles {
 public:
  /// Every `NAME.yaml` of `folders`; of two with the same name the earlier folder's. A folder that does not
  /// exist holds nothing. `custom` is always there.
  static Profiles read(const std::vector<std::string>& folders, Report& report);

  /// Null when there is none of this name.
  const Profile* find(std::string_view name) const;
  /// The profile that the domain of `user` leads to, or null.
  const Profile* for_user(std::string_view user) const;
  std::vector<std::string> names() const;

 private:
  std::vector<Profile> profiles_;
};

/// Puts the profile's defaults into `upstream`; `given` of `reading` learns which they are, under `path`.
void read_defaults(Reading& reading, const Profile& profile, UpstreamSettings& upstream,
                   const std::string& path);

}  // namespace mailchute
