// The one screen of `status`, and what to type next when something is wrong. Pure; any thread.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/locale.h"
#include "base/phrase.h"
#include "control/json.h"

namespace mailchute {

/// In the reader's language, but for what providers said.
std::string status_screen(const StatusReport& report, std::size_t screen,
                          Language language = Language::English);

/// One thing that is wrong, and the command to type then.
struct Advice {
  Phrase why;
  std::string command;  ///< The words behind `mailchute`, without --config.
};

/// The most urgent first; empty when nothing is wrong.
std::vector<Advice> status_advice(const StatusReport& report);

/// A reason, and the whole command line behind it.
Phrase next_step(const Phrase& why, const std::string& command);

/// What an alert says. The daemon speaks English; an event that this program knows has words of its own.
Phrase alert_phrase(const LiveAlert& alert);

}  // namespace mailchute
