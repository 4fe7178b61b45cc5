#include "command/submit_place.h"

#include <unistd.h>

#include "settings/load.h"

namespace mailchute {

namespace {

/// The most that any configuration may allow (settings/schema.cc).
constexpr GivenLimits kLimitsUnknown{2ULL << 30, 16U << 20};
constexpr char kSocketVariable[] = "MAILCHUTE_LISTEN_SUBMIT";

}  // namespace

SubmitPlace submit_place() {
  const LoadOptions options = options_of_process("");
  const Loaded loaded = load(options);
  if (loaded.settings) {
    const Settings& settings = *loaded.settings;
    return {settings.listen.submit, {settings.limits.message_size, settings.limits.header_size}, {}};
  }
  const auto chosen = options.environment.find(kSocketVariable);
  if (chosen != options.environment.end()) return {chosen->second, kLimitsUnknown, {}};
  // A person without a configuration of their own means the system's daemon, whether or not its configuration
  // is for them to read.
  if (::access(options.path.c_str(), R_OK) != 0) return {Places().submit, kLimitsUnknown, {}};
  return {options.places.submit, kLimitsUnknown, options.path + " has mistakes; next: mailchute check"};
}

}  // namespace mailchute
