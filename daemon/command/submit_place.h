// Where a program that sends mail finds the daemon, and what it may hand over there. Main thread.
#pragma once

#include <string>

#include "command/given_message.h"

namespace mailchute {

struct SubmitPlace {
  std::string socket;
  GivenLimits limits;
  std::string note;  ///< About the configuration, for a person whose mail cannot be handed over; or empty.
};

/// From the configuration where it can be read. Whoever may not read it, or finds mistakes in it, is not to
/// blame: then the usual socket, and limits that only the daemon knows to be lower.
SubmitPlace submit_place();

}  // namespace mailchute
