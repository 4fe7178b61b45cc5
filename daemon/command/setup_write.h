// Puts what `setup` found out on the disk, all of it or nothing: the secret first, the configuration last,
// and what was made is taken back when the rest fails. Main thread; waits for the disk.
#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "base/secret.h"

namespace mailchute {

struct SetupFiles {
  std::string config_path;
  std::string config_text;
  std::string secret_path;
  std::optional<Secret> secret = std::nullopt;  ///< Empty: the one that is stored stays.
};

/// A file that is replaced keeps its mode and group; a new configuration is readable by all where we are
/// root, else by us alone. Signals that end a process wait meanwhile.
Result<void> write_setup(const SetupFiles& files);

/// Whether write_setup() could write there: fails with code 77 or 73, and changes nothing.
Result<void> check_writable(const std::string& config_path);

}  // namespace mailchute
