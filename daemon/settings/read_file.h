// Reads a small file whole, whatever somebody has put at its path: a pipe, a device or a gigabyte ends in an
// error, not in a wait. Waits for the disk: not on the loop thread.
#pragma once

#include <sys/types.h>

#include <string>

#include "base/result.h"

namespace mailchute {

/// A configuration of this size is a mistake; the largest sensible one is a few KiB.
inline constexpr std::size_t kConfigurationBytes = 1024 * 1024;

/// Forbidden to the file of a secret: that others read it.
inline constexpr mode_t kOthersRead = 0004;

struct SmallFile {
  std::string bytes;
  mode_t mode = 0;
};

/// At most `bytes_max`; fails with the path and the reason on anything that is not a regular file.
/// `forbidden` are permission bits of which none may be set (checked before a byte is read). The error's code
/// is 66 when the file is missing or closed to us, so that it may be there tomorrow, else 78.
Result<SmallFile> read_small_file(const std::string& path, std::size_t bytes_max, mode_t forbidden = 0);

}  // namespace mailchute
