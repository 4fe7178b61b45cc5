// What is wrong with a configuration, said so that a person can mend it: place, line, caret, reason,
// suggestion. Knows no file and no schema. Pure; any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace mailchute {

/// One thing to tell about a configuration. Never holds a secret: `source_line` is masked before it gets
/// here.
struct Diagnostic {
  enum Severity { Error, Warning, Note };

  std::string file;         ///< A path, or `environment variable NAME`.
  int line = 0;             ///< From 1; 0 when it is about the file as a whole.
  int column = 0;           ///< In bytes, from 1.
  std::string message;      ///< What is wrong, one line.
  std::string hint;         ///< What to write instead; may be empty.
  std::string source_line;  ///< May be empty.
  Severity severity = Error;

  bool operator==(const Diagnostic&) const = default;
};

/// Where it is: `file:line:column`, or the file alone when it is about the whole of it. Printable.
std::string place_of(const Diagnostic& diagnostic);

/// For a terminal or a log: `file:line:column: error: ...`, the source line with a caret, the hint; each ends
/// with a newline. Bytes that could change what a terminal shows are escaped.
std::string render(const std::vector<Diagnostic>& diagnostics);

/// True when at least one is an Error.
bool has_errors(const std::vector<Diagnostic>& diagnostics);

/// Insertions, deletions, replacements and swaps of neighbours that turn `a` into `b`. Words beyond 64 bytes
/// are cut.
std::size_t edit_distance(std::string_view a, std::string_view b);

/// The candidate that `word` was probably meant to be, without regard to ASCII case; empty when none is near.
std::string closest(std::string_view word, const std::vector<std::string>& candidates);

}  // namespace mailchute
