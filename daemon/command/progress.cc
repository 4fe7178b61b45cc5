#include "command/progress.h"

#include <unistd.h>

#include <csignal>
#include <cstdio>

namespace mailchute {

namespace {

constexpr std::chrono::milliseconds kPause{200};
constexpr char kClearLine[] = "\r\x1b[K";

volatile std::sig_atomic_t signal_seen = 0;

void note_signal(int) { signal_seen = 1; }

void handle(int number, void (*handler)(int)) {
  struct sigaction action {};
  action.sa_handler = handler;
  ::sigaction(number, &action, nullptr);
}

}  // namespace

Progress::Progress() : watched_(::isatty(STDERR_FILENO) != 0 ? Watched::Yes : Watched::No) {}

Progress::~Progress() { clear(); }

void Progress::clear() {
  if (shown_at_ == std::chrono::steady_clock::time_point{}) return;
  std::fputs(kClearLine, stderr);
  std::fflush(stderr);
  shown_at_ = {};
}

void Progress::show(const std::string& text) {
  const auto now = std::chrono::steady_clock::now();
  if (watched_ == Watched::No || now - shown_at_ < kPause) return;
  shown_at_ = now;
  std::fprintf(stderr, "%s%s", kClearLine, text.c_str());
  std::fflush(stderr);
}

Interruptible::Interruptible() {
  signal_seen = 0;
  handle(SIGINT, &note_signal);
  handle(SIGTERM, &note_signal);
}

Interruptible::~Interruptible() {
  handle(SIGINT, SIG_DFL);
  handle(SIGTERM, SIG_DFL);
}

bool Interruptible::interrupted() { return signal_seen != 0; }

}  // namespace mailchute
