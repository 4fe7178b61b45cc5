// The files of a configuration, laid over each other: main file, then conf.d/*.yaml in name order, then the
// environment. Reads files; any thread.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "settings/node.h"
#include "settings/report.h"

namespace mailchute {

/// No folder of fragments or profiles has more files than this; the rest is reported, not read.
inline constexpr std::size_t kFolderFiles = 200;

/// The main file with its fragments; `text` stands for what the main file holds. What cannot be read is
/// reported.
Node read_files(const std::string& path, const std::optional<std::string>& text, Report& report);

/// Lays every MAILCHUTE_* over `tree`. An empty variable counts as unset. A value that takes a list or a map
/// is written as in YAML:
/// `["127.0.0.1:25"]`. A secret as a value is refused: /proc shows it.
void apply_environment(const std::map<std::string, std::string>& environment, Node& tree, Report& report);

/// Paths of the regular `*.yaml` files in `folder`, sorted by name, hidden ones left out.
std::vector<std::string> yaml_files(const std::string& folder, Report& report);

}  // namespace mailchute
