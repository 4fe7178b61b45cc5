// The steps of a probe as people see them, and what to type after the last. Everything that a peer said is
// made printable here. Pure; any thread.
#pragma once

#include <cstddef>
#include <string>

#include "base/clock.h"
#include "base/locale.h"
#include "base/phrase.h"
#include "command/commands.h"
#include "deliver/probe.h"

namespace mailchute {

/// One step: its name, how it went, how long it took, what was learned or said; of a failure also what it
/// means, wrapped to `screen` places (0: 80).
std::string probe_lines(const ProbeStep& step, WallTime now, Language language, std::size_t screen);

/// What to do about a step that failed, as a sentence that ends with a command to type.
Phrase probe_advice(const CommonOptions& options, const UpstreamSettings& upstream, const ProbeStep& failed);

}  // namespace mailchute
