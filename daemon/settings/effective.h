// The configuration as it is in effect: every key that has a value, with where that came from. Walks the
// table of keys (schema.h), so that no key is forgotten. Pure; any thread.
#pragma once

#include <string>
#include <vector>

#include "settings/load.h"
#include "settings/value.h"

namespace mailchute {

struct EffectiveKey {
  std::string path;  ///< `queue.path`, `upstreams.qq.host`, `routes.0.via`
  std::size_t place_in_list =
      0;  ///< Which part of the path is one, from 0; 0: none (an upstream may be `163`).
  Form::Kind form = Form::Text;
  ValueText value;
  Origin origin;
};

/// In the order of the manual. `loaded` must hold settings. The arguments of programs are `***`: people put
/// secrets there.
std::vector<EffectiveKey> effective_keys(const Loaded& loaded);

/// `/etc/mailchute/mailchute.yaml:3`, `profile /usr/share/.../qq.yaml:12`, `environment variable NAME`,
/// `default`; safe to print.
std::string origin_words(const Origin& origin);

/// A file of configuration that says the same, but for the masks; valid YAML.
enum class Origins { Hidden, Shown };
std::string effective_yaml(const std::vector<EffectiveKey>& keys, Origins origins);

}  // namespace mailchute
