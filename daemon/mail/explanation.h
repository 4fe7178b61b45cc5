// What a kind of reply means, in plain words for the person who has to do something about it. These are the
// ones that no provider has its own for; a profile may use them by their id. Pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/locale.h"

namespace mailchute {

struct Explanation {
  std::string words;     ///< English.
  std::string words_zh;  ///< Chinese.

  /// The words for a reader of `language`; English where there are no others.
  const std::string& in(Language language) const {
    return language == Language::Chinese && !words_zh.empty() ? words_zh : words;
  }
  bool operator==(const Explanation&) const = default;
};

/// By id (`login-refused`, `slow-down`); empty when there is none of this name.
std::optional<Explanation> general_explanation(std::string_view id);

}  // namespace mailchute
