// Two small words about the system that several files of this folder need. Any thread.
#pragma once

#include <cerrno>
#include <cstring>
#include <string>

namespace mailchute {

/// The words of errno, for a message to the operator.
inline std::string errno_text(int number = errno) { return std::strerror(number); }

/// The folder a path lies in.
inline std::string folder_of(const std::string& path) {
  const auto slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

}  // namespace mailchute
