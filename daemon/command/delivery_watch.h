// Follows one message through the queue as it happens: each attempt with the provider's words and what they
// mean, each trouble of its upstreams, and its end. Reads the queue whenever something in it has changed,
// which changes nothing in it. Main thread; waits.
#pragma once

#include <functional>
#include <string>

#include "base/clock.h"
#include "base/phrase.h"
#include "base/result.h"
#include "mail/message_id.h"
#include "settings/settings.h"

namespace mailchute {

/// How it ended, as far as it was followed.
struct WatchEnd {
  enum class Fate { Delivered, Failed, Waiting } fate = Fate::Waiting;
  Phrase why;  ///< Of one that waits: one line, safe to print.
};

/// Until the message is finished, `patience` is over, or nothing can happen within it: its upstreams rest, it
/// is held. `show` gets text with line ends. Fails when the queue cannot be read.
Result<WatchEnd> watch_delivery(const Settings& settings, MessageId id, Duration patience,
                                const std::function<void(const std::string&)>& show);

}  // namespace mailchute
