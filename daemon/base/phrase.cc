#include "base/phrase.h"

#include "base/result.h"

namespace mailchute {

namespace {

std::string filled(std::string_view form, Language language, std::initializer_list<PhrasePart> parts) {
  std::string text;
  std::size_t from = 0;
  for (const PhrasePart& part : parts) {
    const std::size_t place = form.find("{}", from);
    CHECK(place != std::string_view::npos);
    text += std::string(form.substr(from, place - from)) + part.phrase.in(language);
    from = place + 2;
  }
  CHECK(form.find("{}", from) == std::string_view::npos);
  return text + std::string(form.substr(from));
}

}  // namespace

Phrase said(PhraseForm form, std::initializer_list<PhrasePart> parts) {
  return {filled(form.english(), Language::English, parts), filled(form.chinese(), Language::Chinese, parts)};
}

Phrase operator+(Phrase first, const Phrase& second) {
  return {std::move(first.english) + second.english, std::move(first.chinese) + second.chinese};
}

}  // namespace mailchute
