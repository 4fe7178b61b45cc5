// The configuration in effect as JSON, for `config show --json`. Pure; any thread.
#pragma once

#include <string>
#include <vector>

#include "settings/effective.h"

namespace mailchute {

/// `config` has the shape of the file, `origins` says for each path where its value came from.
std::string encode_config(const std::string& path, const std::vector<EffectiveKey>& keys);

}  // namespace mailchute
