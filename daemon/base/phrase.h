// The same words in the languages that are spoken here, of which one is chosen when it is known who reads
// them. A value; any thread.
#pragma once

#include <string>

#include "base/locale.h"

namespace mailchute {

struct Phrase {
  std::string english;
  std::string chinese;

  const std::string& in(Language language) const { return language == Language::Chinese ? chinese : english; }
};

}  // namespace mailchute
