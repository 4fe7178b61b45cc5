// `completion`: a script for the shell, which asks for words each time Tab is pressed; and the answer.
#include <algorithm>
#include <cstdio>
#include <string>

#include "base/text.h"
#include "command/commands.h"
#include "command/completion_words.h"
#include "command/console.h"
#include "command/queue_access.h"
#include "settings/load.h"
#include "settings/profile.h"

namespace mailchute {

namespace {

/// A person chooses among no more; a queue may hold a million.
constexpr std::size_t kIdsMost = 100;

/// The line that asks the shell for the names of files.
constexpr char kFiles[] = ":files";

constexpr char kBash[] = R"(# mailchute: completion for bash
_mailchute() {
  local IFS=$'\n' line
  COMPREPLY=()
  while read -r line; do
    if [[ $line == :files ]]; then
      compopt -o filenames 2>/dev/null
      COMPREPLY+=($(compgen -f -- "${COMP_WORDS[COMP_CWORD]}"))
    else
      COMPREPLY+=("${line%%$'\t'*}")
    fi
  done < <("${COMP_WORDS[0]}" completion words -- "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -F _mailchute mailchute
)";

constexpr char kZsh[] = R"(#compdef mailchute
# mailchute: completion for zsh
_mailchute() {
  local line
  local -a words_found
  for line in "${(@f)$("${words[1]}" completion words -- "${(@)words[2,CURRENT]}" 2>/dev/null)}"; do
    if [[ $line == :files ]]; then
      _files
    elif [[ -n $line ]]; then
      words_found+=("${${line%%$'\t'*}//:/\\:}:${line#*$'\t'}")
    fi
  done
  (( ${#words_found} )) && _describe mailchute words_found
}
if [[ ${funcstack[1]} == _mailchute ]]; then
  _mailchute "$@"
else
  compdef _mailchute mailchute
fi
)";

constexpr char kFish[] = R"(# mailchute: completion for fish
function __mailchute_words
    set -l typed (commandline -opc) (commandline -ct)
    for line in ($typed[1] completion words -- $typed[2..-1] 2>/dev/null)
        if test "$line" = :files
            __fish_complete_path (commandline -ct)
        else
            echo $line
        end
    end
end
complete -c mailchute -f -a '(__mailchute_words)'
)";

std::vector<Candidate> upstream_names(const Settings& settings) {
  std::vector<Candidate> names;
  for (const UpstreamSettings& each : settings.upstreams)
    names.push_back({each.name, each.provider + " " + each.host});
  return names;
}

std::vector<Candidate> message_ids(const Settings& settings) {
  std::vector<Candidate> ids;
  auto reader = open_reader(settings);
  if (!reader) return ids;
  (void)reader->list({}, kIdsMost, [&](const SeenMessage& message) {
    const std::string to = message.recipients.empty() ? "" : message.recipients.front().address;
    ids.push_back({message.id.text(), message.state + " " + message.sender + " -> " + to});
  });
  return ids;
}

std::vector<Candidate> providers(const LoadOptions& options) {
  Report report;
  std::vector<Candidate> names;
  for (const std::string& name : Profiles::read(options.provider_dirs, report).names())
    names.push_back({name, ""});
  return names;
}

/// Whoever presses Tab is told of no mistake: there is nothing to complete then.
std::vector<Candidate> words_there_are(const std::string& kind, const std::string& config) {
  if (kind != "NAME" && kind != "ID" && kind != "PROVIDER") return {};
  const LoadOptions options = options_of_process(config);
  if (kind == "PROVIDER") return providers(options);
  const Loaded loaded = load(options);
  if (!loaded.settings) return {};
  return kind == "NAME" ? upstream_names(*loaded.settings) : message_ids(*loaded.settings);
}

/// What a peer sent must not act on the terminal that shows it.
std::string line_of(const Candidate& each) {
  return printable(each.word) + (each.what.empty() ? "" : "\t" + printable(each.what, 120)) + "\n";
}

void print_words(const std::vector<std::string>& words) {
  const Completion completion = complete(command_shape(), words, &words_there_are);
  for (const Candidate& each : completion.candidates) print(line_of(each));
  if (completion.files == Completion::Files::Yes) print(std::string(kFiles) + "\n");
}

}  // namespace

int command_completion(const CompletionOptions& completion) {
  if (completion.shell == "words")
    print_words(completion.words);
  else
    print(completion.shell == "zsh" ? kZsh : completion.shell == "fish" ? kFish : kBash);
  return finish(0);
}

}  // namespace mailchute
