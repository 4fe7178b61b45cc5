// What `setup` would write for the answers it got, before anything is written: the text of the configuration,
// and the settings that come of it together with everything else that is configured. Reads files; main
// thread.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "command/setup_file.h"
#include "settings/load.h"
#include "settings/profile.h"

namespace mailchute {

/// As typed or asked; empty: the profile's own.
struct SetupAnswers {
  std::string provider;
  std::string user;
  std::string root;
  std::string host;
  std::string port;
  std::string tls;
  std::string ca_file;
};

struct SetupPlan {
  std::string before;  ///< Of the file; empty when there is none.
  std::string after;
  Settings settings;
  UpstreamSettings upstream;
};

/// The profile's value of an upstream's key; empty when it has none.
std::string default_of(const Profile& profile, std::string_view key);

/// The profiles that `options` finds.
Profiles read_profiles(const LoadOptions& options);

/// The provider that the answers lead to; fails with code 64 when none does, or there is none of this name.
Result<const Profile*> provider_of(const Profiles& profiles, const SetupAnswers& answers);

/// Fails with code 73 for a file that a person wrote, 78 when what would come of it is no configuration or
/// something else overrides it, 66 when the file cannot be read. Every error names the next step.
Result<SetupPlan> make_plan(const LoadOptions& options, const Profiles& profiles, const SetupAnswers& answers,
                            Handwritten handwritten);

}  // namespace mailchute
