// What `doctor` found, before it becomes text or JSON. Values; any thread.
#pragma once

#include <string>
#include <vector>

#include "base/phrase.h"

namespace mailchute {

/// Unseen: it was not looked at, so that nothing can be said of it.
enum class Health { Ok, Warn, Fail, Unseen };

/// `ok`, `warn`, `FAIL`, `skip`.
const char* health_name(Health health);

struct CheckResult {
  std::string check;  ///< `disk`, `login`.
  std::string about;  ///< What of several: `qq`, `127.0.0.1:25`; may be empty.
  Health health = Health::Ok;
  Phrase found;  ///< One or two sentences, safe to print.
  Phrase fix;    ///< What a person does about it; empty when it is ok or was not looked at.
};

using Checkup = std::vector<CheckResult>;

std::size_t count_of(const Checkup& checkup, Health health);

/// One JSON object; its sentences are in English.
std::string encode_checkup(const Checkup& checkup);

}  // namespace mailchute
