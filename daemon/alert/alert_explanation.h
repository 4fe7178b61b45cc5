// What each kind of alert means, and what a person should do about it: for whoever meets its word in a log,
// in a notification or on the status screen, and types it behind `mailchute explain`. Pure; any thread.
#pragma once

#include <optional>
#include <string_view>

#include "alert/alert.h"
#include "mail/explanation.h"

namespace mailchute {

/// The event of that word (`login_refused`); empty when there is none.
std::optional<AlertEvent> event_named(std::string_view word);

/// In both languages, some sentences each.
Explanation event_explanation(AlertEvent event);

}  // namespace mailchute
