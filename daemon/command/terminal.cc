#include "command/terminal.h"

#include <poll.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <utility>

#include "base/exit_codes.h"
#include "base/text.h"
#include "command/console.h"
#include "settings/secret.h"

namespace mailchute {

namespace {

/// Of an answer; the kernel's own line has 4096 bytes at most.
constexpr std::size_t kLineBytes = kSecretBytes;

/// SIGTSTP does not end, but whoever stops us gets the terminal.
constexpr std::array kEndingSignals = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGALRM, SIGTSTP};

volatile std::sig_atomic_t caught_signal = 0;

extern "C" void remember_signal(int number) noexcept { caught_signal = number; }

/// While it lives no character that is typed is shown, and a signal interrupts wait_for_byte() instead of
/// ending the process with the terminal mute. Blocked everywhere else, so that none is missed between two
/// calls.
class MuteTerminal {
 public:
  MuteTerminal() {
    caught_signal = 0;
    sigset_t blocked;
    ::sigemptyset(&blocked);
    for (const int number : kEndingSignals) ::sigaddset(&blocked, number);
    ::sigprocmask(SIG_BLOCK, &blocked, &mask_);
    struct sigaction remember {};
    remember.sa_handler = remember_signal;
    ::sigemptyset(&remember.sa_mask);
    for (std::size_t i = 0; i < kEndingSignals.size(); ++i)
      ::sigaction(kEndingSignals[i], &remember, &actions_[i]);
    muted_ = ::tcgetattr(STDIN_FILENO, &found_) == 0;
    termios mute = found_;
    mute.c_lflag &= ~static_cast<tcflag_t>(ECHO | ECHOE | ECHOK);
    mute.c_lflag |= ECHONL;
    if (muted_) muted_ = ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &mute) == 0;
  }
  MuteTerminal(const MuteTerminal&) = delete;
  MuteTerminal& operator=(const MuteTerminal&) = delete;
  ~MuteTerminal() {
    if (muted_) ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &found_);
    for (std::size_t i = 0; i < kEndingSignals.size(); ++i)
      ::sigaction(kEndingSignals[i], &actions_[i], nullptr);
    ::sigprocmask(SIG_SETMASK, &mask_, nullptr);
  }

  bool muted() const { return muted_; }
  /// The signals that were let through before.
  const sigset_t& mask() const { return mask_; }

 private:
  termios found_{};
  bool muted_ = false;
  sigset_t mask_{};
  std::array<struct sigaction, kEndingSignals.size()> actions_{};
};

enum class Ended { Line, Input, Interrupted };

/// Until there is something to read; false when a signal came first. `mask` is in force meanwhile only.
bool wait_for_byte(const sigset_t* mask) {
  pollfd input{STDIN_FILENO, POLLIN, 0};
  while (caught_signal == 0 && ::ppoll(&input, 1, nullptr, mask) < 0 && errno == EINTR) {
  }
  return caught_signal == 0;
}

/// Byte by byte, so that nothing behind the line is taken from whoever reads next.
Ended read_line(std::string& line, const sigset_t* mask) {
  line.reserve(kLineBytes);  // Never outgrown: no copy of a secret is left behind.
  for (;;) {
    if (!wait_for_byte(mask)) return Ended::Interrupted;
    char byte = 0;
    const ssize_t count = ::read(STDIN_FILENO, &byte, 1);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return line.empty() ? Ended::Input : Ended::Line;
    if (byte == '\n') return Ended::Line;
    if (line.size() < kLineBytes) line += byte;
  }
}

void put(const std::string& prompt) {
  std::fflush(stdout);
  std::fputs(prompt.c_str(), stderr);
  std::fflush(stderr);
}

tl::unexpected<Error> nobody() {
  return fail("nobody is here to ask: standard input or error is no terminal", exit_code::kNoInput);
}

tl::unexpected<Error> gone() { return fail("the question was left without an answer", exit_code::kNoInput); }

}  // namespace

Result<std::string> ask_line(const std::string& prompt) {
  if (!someone_to_ask()) return nobody();
  caught_signal = 0;
  put(prompt);
  std::string line;
  if (read_line(line, nullptr) != Ended::Line) return gone();
  return std::string(trim(line));
}

Result<Secret> ask_secret(const std::string& prompt) {
  if (!someone_to_ask()) return nobody();
  for (;;) {
    std::string line;
    Ended ended = Ended::Input;
    {
      const MuteTerminal mute;
      if (!mute.muted())
        return fail("the terminal cannot be kept from showing what is typed", exit_code::kNoInput);
      put(prompt);
      ended = read_line(line, &mute.mask());
    }
    if (ended == Ended::Line) return Secret(std::move(line));
    Secret::wipe(line);
    if (ended == Ended::Input) return gone();
    // The terminal is as it was: now the signal may do what it does, and a stopped process asks again.
    ::raise(static_cast<int>(caught_signal));
  }
}

}  // namespace mailchute
