// The one screen of `status`, and what to type next when something is wrong. Pure; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
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
  std::string command;  ///< The words behind `mailchute`, without --config; empty: nothing to do.
};

/// The queue's folder, and how much room is there.
struct DiskRoom {
  std::string folder;
  std::uint64_t free = 0;
  std::uint64_t reserve = 0;  ///< queue.reserve
};

/// The most urgent first; empty when nothing is wrong.
std::vector<Advice> status_advice(const StatusReport& report, const DiskRoom& disk = {});

/// A reason, and the whole command line behind it.
Phrase next_step(const Phrase& why, const std::string& command);

/// The same as lines behind `label`: the sentence is broken where the screen ends, the command never, for it
/// is copied. Without a command the sentence alone.
std::string advice_lines(const std::string& label, const Phrase& why, const std::string& command,
                         std::size_t indent, std::size_t screen, Language language);

/// What an alert says. The daemon speaks English; an event that this program knows has words of its own.
Phrase alert_phrase(const LiveAlert& alert);

}  // namespace mailchute
