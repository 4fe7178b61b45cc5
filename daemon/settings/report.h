// Collects what is found while a configuration is read: the texts it came from, and every mistake with its
// place in them. Masks secrets before a source line leaves it. One loading at a time; any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "settings/diagnose.h"

namespace mailchute {

/// A place in one of the texts. `line` 0: the text as a whole.
struct Where {
  int source = -1;  ///< As Report::add gave it; -1: nowhere, a default.
  int line = 0;     ///< From 1.
  int column = 0;   ///< In bytes, from 1.
};

/// A text that was read.
struct SourceText {
  enum class Kind { File, Environment, Profile };

  std::string name;  ///< What a person finds it by: a path, `environment variable NAME`.
  std::string text;
  Kind kind = Kind::File;
};

class Report {
 public:
  /// Takes a text (a UTF-8 byte order mark is dropped); the result names it in Where.
  int add(SourceText source);
  const SourceText& source(int index) const { return sources_[static_cast<std::size_t>(index)]; }
  const std::vector<SourceText>& sources() const { return sources_; }

  void error(Where where, std::string message, std::string hint = {});
  void warning(Where where, std::string message, std::string hint = {});
  void note(Where where, std::string message, std::string hint = {});

  /// About a file of which nothing could be read.
  void error_about(std::string file, std::string message, std::string hint = {});
  void warning_about(std::string file, std::string message, std::string hint = {});

  bool failed() const { return has_errors(diagnostics_); }

  /// Whatever stands on this line from here on is never shown: it is the value of a key that nobody knows,
  /// and may be a secret.
  void hide(Where from);

  /// A text could not be understood in full: what seems to be missing may only be unread.
  void incomplete() { complete_ = false; }
  bool complete() const { return complete_; }

  /// In the order of sources, lines and columns, each once.
  std::vector<Diagnostic> take();

 private:
  std::string source_line(const std::vector<std::string_view>& lines, Where where) const;
  void show_source_lines();
  void tell(Diagnostic::Severity severity, Where where, std::string message, std::string hint);

  std::vector<SourceText> sources_;
  std::vector<Diagnostic> diagnostics_;
  std::vector<Where> places_;  ///< Of each diagnostic, for the order and the source line.
  std::vector<Where> hidden_;
  bool complete_ = true;
  std::size_t untold_ = 0;
};

/// `line` with the value of anything that is named like a secret replaced by `***`; `before` is the line
/// above it, which may hold the name.
std::string masked_line(std::string_view before, std::string_view line);

/// True for a key that seems meant to hold a secret itself (`password`, `pass`, `api_token`), not where one
/// is
/// (`password_file`, `token_command`).
bool names_a_secret(std::string_view key);

}  // namespace mailchute
