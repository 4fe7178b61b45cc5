#include "command/mistyped.h"

#include <algorithm>

#include "base/exit_codes.h"
#include "base/text.h"
#include "settings/diagnose.h"

namespace mailchute {

namespace {

const CommandShape* find_command(const CommandShape& within, const std::string& name) {
  const auto found = std::find_if(within.commands.begin(), within.commands.end(),
                                  [&name](const CommandShape& each) { return each.name == name; });
  return found == within.commands.end() ? nullptr : &*found;
}

/// `group` is `queue ` with its blank, or empty.
Error unknown(const CommandShape& within, const std::string& group, const std::string& word) {
  std::vector<std::string> names;
  for (const CommandShape& each : within.commands) names.push_back(each.name);
  const std::string next = "; next: mailchute " + group + "--help";
  if (word.empty() || word.starts_with('-')) {
    std::string all;
    for (const std::string& name : names) all += (all.empty() ? "" : ", ") + name;
    return Error("which command? one of " + all + next, exit_code::kUsage);
  }
  const std::string meant = closest(word, names);
  return Error("no command \"" + group + printable(word, 80) + "\"" +
                   (meant.empty() ? "" : "; did you mean " + group + meant + "?") + next,
               exit_code::kUsage);
}

}  // namespace

std::optional<Error> mistyped_command(const CommandShape& program, const std::vector<std::string>& words) {
  const std::string first = words.empty() ? "" : words.front();
  const CommandShape* group = find_command(program, first);
  if (group == nullptr) return unknown(program, "", first);
  if (group->commands.empty()) return std::nullopt;
  const std::string second = words.size() > 1 ? words[1] : "";
  if (find_command(*group, second) != nullptr) return std::nullopt;
  return unknown(*group, first + " ", second);
}

}  // namespace mailchute
