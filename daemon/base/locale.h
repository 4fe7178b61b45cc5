// Which language a person at this terminal reads: Chinese or English, by the locale that the environment
// names. Pure but for the one function that asks the environment; any thread.
#pragma once

#include <string_view>

namespace mailchute {

enum class Language { English, Chinese };

/// The language of a locale's name: `zh_CN.UTF-8`, `zh_TW`, `zh`. A Chinese locale in another charset than
/// UTF-8 gets English: our Chinese would be garbled there.
Language language_of_locale(std::string_view locale);

/// The first of LC_ALL, LC_MESSAGES and LANG that is set and not empty decides (POSIX, Environment Variables,
/// 8.2).
Language language_of_process();

}  // namespace mailchute
