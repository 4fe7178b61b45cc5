// The message of `send-test`: small, plain, and to be found again by its Message-ID. Pure; any thread.
#pragma once

#include <string>

#include "base/clock.h"

namespace mailchute {

struct TestMessage {
  std::string message_id;  ///< With its angle brackets.
  std::string content;     ///< Canonical form.
};

struct TestMessageFacts {
  std::string to;        ///< The address, as it may stand in a header.
  std::string hostname;  ///< Of this machine.
  std::string upstream;  ///< The one it must go by; empty: as the routes say.
  WallTime now{};
  std::uint64_t token = 0;  ///< Random.
};

TestMessage make_test_message(const TestMessageFacts& facts);

}  // namespace mailchute
