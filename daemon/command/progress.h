// How far a long piece of work has come, on one line of a terminal; nothing at all where standard error is
// none. Main thread.
#pragma once

#include <chrono>
#include <csignal>
#include <string>

namespace mailchute {

class Progress {
 public:
  Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  /// Takes the line away.
  ~Progress();

  /// Shows `text` in place of what was shown before, a few times a second at most. Printable, one line.
  void show(const std::string& text);
  /// There is a terminal, and somebody before it.
  bool watched() const { return watched_ == Watched::Yes; }

  /// Takes it away, for other lines; the next show() comes at once.
  void clear();

 private:
  enum class Watched { No, Yes } watched_;
  std::chrono::steady_clock::time_point shown_at_{};
};

/// While it lives, Ctrl-C and SIGTERM are noticed instead of ending the process: what was begun can be taken
/// back. A signal that was ignored before (nohup, a script's background) is ignored still.
class Interruptible {
 public:
  Interruptible();
  Interruptible(const Interruptible&) = delete;
  Interruptible& operator=(const Interruptible&) = delete;
  ~Interruptible();

  static bool interrupted();

 private:
  struct sigaction interrupt_ {};  ///< What was done about each before.
  struct sigaction terminate_ {};
};

}  // namespace mailchute
