#include "command/progress.h"

#include <unistd.h>

#include <cstdio>

namespace mailchute {

namespace {

constexpr std::chrono::milliseconds kPause{200};
constexpr char kClearLine[] = "\r\x1b[K";

volatile std::sig_atomic_t signal_seen = 0;

void note_signal(int) { signal_seen = 1; }

void notice(int number, struct sigaction& before) {
  struct sigaction action {};
  action.sa_handler = note_signal;
  ::sigaction(number, nullptr, &before);
  if (before.sa_handler != SIG_IGN) ::sigaction(number, &action, nullptr);
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
  notice(SIGINT, interrupt_);
  notice(SIGTERM, terminate_);
}

Interruptible::~Interruptible() {
  ::sigaction(SIGINT, &interrupt_, nullptr);
  ::sigaction(SIGTERM, &terminate_, nullptr);
}

bool Interruptible::interrupted() { return signal_seen != 0; }

}  // namespace mailchute
