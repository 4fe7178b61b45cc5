#include "net/program_name.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/descriptor.h"

namespace mailchute {

std::string program_name(pid_t pid) {
  const std::string path = "/proc/" + std::to_string(pid) + "/comm";
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  char name[64];
  const ssize_t count = file ? ::read(file.get(), name, sizeof name) : 0;
  std::string text(name, count > 0 ? static_cast<std::size_t>(count) : 0);
  return text.substr(0, text.find('\n'));
}

}  // namespace mailchute
