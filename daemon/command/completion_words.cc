#include "command/completion_words.h"

#include <algorithm>
#include <string_view>

#include "base/text.h"

namespace mailchute {

namespace {

template <typename Shape>
const Shape* named(const std::vector<Shape>& all, const std::string& name) {
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const Shape& each) { return each.name == name; });
  return found == all.end() ? nullptr : &*found;
}

const OptionShape* option_named(const CommandShape& command, const std::string& name) {
  for (const OptionShape& each : command.options)
    if (std::find(each.names.begin(), each.names.end(), name) != each.names.end()) return &each;
  return nullptr;
}

/// Where the words before the last one lead to.
struct Place {
  const CommandShape* command = nullptr;
  const OptionShape* wants_value = nullptr;  ///< The word before was this one.
  std::size_t positionals = 0;
  std::vector<std::string> used;  ///< Flags.
  std::string config;
};

Place place_of(const CommandShape& root, const std::vector<std::string>& words) {
  Place place{.command = &root, .wants_value = nullptr, .positionals = 0, .used = {}, .config = {}};
  for (std::size_t i = 0; i + 1 < words.size(); ++i) {
    const std::string& word = words[i];
    if (place.wants_value != nullptr) {
      if (place.used.back() == "--config") place.config = word;
      place.wants_value = nullptr;
    } else if (const OptionShape* option = option_named(*place.command, word)) {
      place.used.push_back(word);
      if (!option->value.empty()) place.wants_value = option;
    } else if (const CommandShape* below = named(place.command->commands, word)) {
      place.command = below;
      place.positionals = 0;
    } else if (!word.starts_with('-')) {
      ++place.positionals;
    }
  }
  return place;
}

/// The words of `ID|UPSTREAM|TEXT` are those of each.
std::vector<Candidate> words_of_kind(const std::string& value, const std::string& config,
                                     const ListWords& list) {
  std::vector<Candidate> words;
  for (const std::string_view kind : split(value, '|'))
    for (Candidate& each : list(kind == "UPSTREAM" ? "NAME" : std::string(kind), config))
      words.push_back(std::move(each));
  return words;
}

void add_value(const std::string& value, const std::vector<std::string>& choices, const std::string& config,
               const ListWords& list, Completion& completion) {
  for (const std::string& choice : choices) completion.candidates.push_back({choice, ""});
  if (!choices.empty()) return;
  if (value == "FILE" || value == "FILE|-") {
    completion.files = Completion::Files::Yes;
    return;
  }
  for (Candidate& each : words_of_kind(value, config, list)) completion.candidates.push_back(std::move(each));
}

void add_options(const Place& place, Completion& completion) {
  for (const OptionShape& option : place.command->options) {
    const bool used = std::any_of(option.names.begin(), option.names.end(), [&](const std::string& name) {
      return std::find(place.used.begin(), place.used.end(), name) != place.used.end();
    });
    if (!used) completion.candidates.push_back({option.names.back(), option.what});
  }
}

void add_positional(const Place& place, const ListWords& list, Completion& completion) {
  const auto& all = place.command->positionals;
  if (all.empty()) return;
  const std::size_t at = std::min(place.positionals, all.size() - 1);
  if (at < place.positionals && all[at].count == PositionalShape::Count::One) return;
  add_value(all[at].value, all[at].choices, place.config, list, completion);
}

}  // namespace

Completion complete(const CommandShape& root, const std::vector<std::string>& words, const ListWords& list) {
  const std::string typed = words.empty() ? std::string() : words.back();
  const Place place = place_of(root, words);
  Completion completion;
  if (place.wants_value != nullptr) {
    add_value(place.wants_value->value, place.wants_value->choices, place.config, list, completion);
  } else if (typed.starts_with('-')) {
    add_options(place, completion);
  } else {
    for (const CommandShape& below : place.command->commands)
      completion.candidates.push_back({below.name, below.what});
    add_positional(place, list, completion);
  }
  std::erase_if(completion.candidates,
                [&](const Candidate& each) { return !starts_nocase(each.word, typed); });
  return completion;
}

}  // namespace mailchute
