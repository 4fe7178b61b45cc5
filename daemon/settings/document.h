// One YAML text becomes a Node tree. The only place that knows yaml-cpp, and the only one where exceptions
// fly: none leaves it. Any thread.
#pragma once

#include "settings/node.h"
#include "settings/report.h"

namespace mailchute {

/// Values in one text; a configuration with all keys and a hundred upstreams has 3000.
inline constexpr std::size_t kValuesMax = 10'000;

/// The tree of `source`; mistakes go to the report, and what could still be understood is returned. An empty
/// text is a Null.
Node read_document(int source, Report& report);

}  // namespace mailchute
