// What may stand where somebody pressed Tab: from the shape of the command line, and where that says so from
// what there is: upstreams, messages, providers. Pure but for what it is given; any thread.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "command/command_shape.h"

namespace mailchute {

/// A word, and what it is.
struct Candidate {
  std::string word;
  std::string what;
  bool operator==(const Candidate&) const = default;
};

/// The words of a kind (`ID`, `NAME`, `PROVIDER`) that exist at this moment, with the configuration that was
/// typed (empty: the default).
using ListWords = std::function<std::vector<Candidate>(const std::string& kind, const std::string& config)>;

struct Completion {
  std::vector<Candidate> candidates;               ///< Those that begin as the last word does.
  enum class Files { No, Yes } files = Files::No;  ///< A file's name belongs here.
};

/// `words` without the program's own name; the last one is completed and may be empty.
Completion complete(const CommandShape& root, const std::vector<std::string>& words, const ListWords& list);

}  // namespace mailchute
