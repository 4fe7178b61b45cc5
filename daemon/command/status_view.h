// The one screen of `status`, and what to type next when something is wrong. Pure; any thread.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/locale.h"
#include "control/json.h"

namespace mailchute {

/// Alerts are in the reader's language.
std::string status_screen(const StatusReport& report, std::size_t screen,
                          Language language = Language::English);

/// One thing that is wrong, and the command to type then.
struct Advice {
  std::string why;
  std::string command;  ///< The words behind `mailchute`, without --config.
};

/// The most urgent first; empty when nothing is wrong.
std::vector<Advice> status_advice(const StatusReport& report);

}  // namespace mailchute
