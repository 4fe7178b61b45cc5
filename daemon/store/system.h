// Small words about the system that several files of this folder need. Any thread.
#pragma once

#include <cerrno>
#include <cstdlib>
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

/// The path with every symbolic link of its folder followed; the last name stays as it is. `path` itself
/// where the folder cannot be found.
inline std::string without_links(const std::string& path) {
  char* folder = ::realpath(folder_of(path).c_str(), nullptr);
  if (folder == nullptr) return path;
  std::string whole = std::string(folder) + "/" + path.substr(path.rfind('/') + 1);
  std::free(folder);
  return whole;
}

}  // namespace mailchute
