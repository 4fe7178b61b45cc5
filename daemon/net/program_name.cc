#include "net/program_name.h"

#include <fcntl.h>
#include <unistd.h>

#include <string_view>

#include "base/descriptor.h"
#include "base/text.h"

namespace mailchute {

namespace {

/// The beginning of a file of the kernel's about a process; empty when there is none.
std::string told_of(pid_t pid, const char* file_name) {
  const std::string path = "/proc/" + std::to_string(pid) + "/" + file_name;
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  char bytes[256];
  const ssize_t count = file ? ::read(file.get(), bytes, sizeof bytes) : 0;
  return {bytes, count > 0 ? static_cast<std::size_t>(count) : 0};
}

}  // namespace

std::string program_name(pid_t pid) {
  const std::string text = told_of(pid, "comm");
  return text.substr(0, text.find('\n'));
}

// `812 (a name) S 1 ...`: what is in the parentheses the program may have chosen, parentheses too.
std::optional<pid_t> parent_process(pid_t pid) {
  const std::string text = told_of(pid, "stat");
  const auto end = text.rfind(") ");
  if (end == std::string::npos || end + 4 >= text.size()) return std::nullopt;
  const std::string_view rest = std::string_view(text).substr(end + 4);
  const auto parent = parse_unsigned(rest.substr(0, rest.find(' ')));
  return parent && *parent > 0 ? std::optional(static_cast<pid_t>(*parent)) : std::nullopt;
}

}  // namespace mailchute
