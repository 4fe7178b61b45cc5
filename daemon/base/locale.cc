#include "base/locale.h"

#include <cstdlib>

#include "base/text.h"

namespace mailchute {

namespace {

/// `UTF-8`, `utf8`, or nothing at all: terminals of today are in UTF-8.
bool is_utf8(std::string_view charset) {
  return charset.empty() || equal_nocase(charset, "UTF-8") || equal_nocase(charset, "UTF8");
}

}  // namespace

Language language_of_locale(std::string_view locale) {
  locale = locale.substr(0, locale.find('@'));
  const auto dot = locale.find('.');
  const std::string_view charset = dot == std::string_view::npos ? "" : locale.substr(dot + 1);
  const std::string_view place = locale.substr(0, dot);
  const std::string_view language = place.substr(0, place.find_first_of("_-"));
  return equal_nocase(language, "zh") && is_utf8(charset) ? Language::Chinese : Language::English;
}

Language language_of_process() {
  for (const char* name : {"LC_ALL", "LC_MESSAGES", "LANG"}) {
    const char* value = std::getenv(name);
    if (value != nullptr && *value != '\0') return language_of_locale(value);
  }
  return Language::English;
}

}  // namespace mailchute
