// A story as a person reads it. Pure; any thread.
#pragma once

#include <cstddef>
#include <string>

#include "base/clock.h"
#include "base/locale.h"
#include "control/story.h"

namespace mailchute {

/// For a screen of so many places; 0: nothing is broken into lines.
std::string story_page(const Story& story, WallTime now, Language language, std::size_t screen);

}  // namespace mailchute
