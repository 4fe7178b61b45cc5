// The same words in the languages that are spoken here, of which one is chosen when it is known who reads
// them. A sentence is written as a form in both languages, side by side, and the compiler refuses one that
// has no Chinese or other places in it. Values; any thread.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

#include "base/locale.h"

namespace mailchute {

struct Phrase {
  std::string english;
  std::string chinese;

  const std::string& in(Language language) const { return language == Language::Chinese ? chinese : english; }
  bool empty() const { return english.empty(); }
};

/// What has no language, or somebody else's: a command, a path, a number, a provider's words.
inline Phrase untranslated(const std::string& text) { return {text, text}; }

/// A sentence with a place `{}` for each thing that is not known before it is said.
class PhraseForm {
 public:
  consteval PhraseForm(const char* english, const char* chinese) : english_(english), chinese_(chinese) {
    if (places(english_) != places(chinese_)) throw "the languages have different places";
    if (!has_chinese(chinese_) || has_chinese(english_)) throw "a language is missing";
  }

  std::string_view english() const { return english_; }
  std::string_view chinese() const { return chinese_; }

 private:
  static consteval int places(std::string_view form) {
    int count = 0;
    for (std::size_t at = 0; at + 1 < form.size(); ++at) count += form[at] == '{' && form[at + 1] == '}';
    return count;
  }
  static consteval bool has_chinese(std::string_view form) {
    for (const char byte : form)
      if (static_cast<unsigned char>(byte) >= 0x80) return true;
    return false;
  }

  std::string_view english_;
  std::string_view chinese_;
};

/// What stands in a place: text that is the same in both languages, or a phrase.
struct PhrasePart {
  PhrasePart(const char* text) : phrase(untranslated(text)) {}
  PhrasePart(const std::string& text) : phrase(untranslated(text)) {}
  PhrasePart(Phrase said) : phrase(std::move(said)) {}
  Phrase phrase;
};

/// The form with its places filled, in the same order in both languages.
Phrase said(PhraseForm form, std::initializer_list<PhrasePart> parts = {});

/// One behind the other.
Phrase operator+(Phrase first, const Phrase& second);

}  // namespace mailchute
