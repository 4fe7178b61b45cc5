#include "command/console.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "base/exit_codes.h"
#include "base/text.h"

namespace mailchute {

namespace {

/// What helps most often, by exit status.
std::string next_step(const CommonOptions& options, int code) {
  switch (code) {
    case 1: return next_command(options, "queue list");
    case 64: return next_command(options, "queue list");
    case 66:
    case 73: return "the same again, once that is mended";
    case 69: return "systemctl start mailchute";
    case 77: return "the same as root";
    case 78: return next_command(options, "check");
    default: return "journalctl -u mailchute -n 50";
  }
}

}  // namespace

std::string next_command(const CommonOptions& options, std::string_view words) {
  std::string command = "mailchute " + std::string(words);
  if (!options.config.empty()) command += " --config " + printable(options.config, 4096);
  return command;
}

int complain(const CommonOptions& options, const Error& error) {
  std::string text = "mailchute: " + error.text;
  if (error.text.find("next: ") == std::string::npos) text += "; next: " + next_step(options, error.code);
  say(text);
  return error.code;
}

void say(std::string_view text) {
  // What was printed before comes first, also when both end in one file.
  std::fflush(stdout);
  std::fprintf(stderr, "%.*s\n", static_cast<int>(text.size()), text.data());
}

void print(std::string_view text) { std::fwrite(text.data(), 1, text.size(), stdout); }

int finish(int status) {
  const bool failed = std::ferror(stdout) != 0;
  if (std::fflush(stdout) == 0 && !failed) return status;
  // A reader that has seen enough (`| head`) is no trouble of ours.
  if (errno != EPIPE)
    std::fprintf(stderr, "mailchute: cannot write to standard output: %s\n", std::strerror(errno));
  return exit_code::kInputOutput;
}

std::size_t screen_width() {
  winsize size{};
  if (::isatty(STDOUT_FILENO) == 0) return 0;
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return 80;
  return size.ws_col;
}

bool someone_to_ask() { return ::isatty(STDIN_FILENO) != 0 && ::isatty(STDERR_FILENO) != 0; }

bool confirmed(const std::string& question) {
  std::fprintf(stderr, "%s [y/N] ", question.c_str());
  char answer[16];
  if (std::fgets(answer, sizeof answer, stdin) == nullptr) return false;
  const std::string word = lower(trim(std::string_view(answer, std::strcspn(answer, "\r\n"))));
  return word == "y" || word == "yes";
}

}  // namespace mailchute
