// The pure halves of some checks of `doctor`: what a name, a clock or a service's state means. Any thread.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/phrase.h"

namespace mailchute {

/// Why a name is none that other mail servers know us by; empty for a full name.
Phrase fault_of_host_name(std::string_view name);

/// Why a domain makes addresses that nobody can answer; empty for one that may be real.
Phrase fault_of_mail_domain(std::string_view domain);

/// What is wrong with a wall clock: before any release of this program, or before what the queue has seen.
/// Empty when nothing is.
Phrase fault_of_clock(WallTime now, std::optional<WallTime> latest_event);

using UnitProperties = std::map<std::string, std::string>;

/// `Key=Value` lines, as `systemctl show` prints them.
UnitProperties parse_properties(std::string_view text);

/// Of several units, with an empty line between one and the next.
std::vector<UnitProperties> parse_units(std::string_view text);

/// A certificate's time: empty while more than three weeks are left.
Phrase fault_of_certificate(WallTime expires, WallTime now);

}  // namespace mailchute
