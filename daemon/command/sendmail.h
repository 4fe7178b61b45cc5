// The program as other programs know it: `sendmail`, `mailq`, `newaliases`, by the name that it was called
// by. Main thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace mailchute {

/// The exit status (sysexits.h), when `called` (argv[0]) is one of the three; empty: it is mailchute itself.
std::optional<int> run_by_name(const std::string& called, const std::vector<std::string>& words);

}  // namespace mailchute
