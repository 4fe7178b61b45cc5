#include "settings/read_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/descriptor.h"
#include "base/exit_codes.h"
#include "base/secret.h"

namespace mailchute {

namespace {

tl::unexpected<Error> cannot_read(const std::string& path, const std::string& why,
                                  int code = exit_code::kConfiguration) {
  return fail("cannot read " + path + ": " + why, code);
}

const char* kind_of(mode_t mode) {
  if (S_ISDIR(mode)) return "it is a directory";
  if (S_ISFIFO(mode)) return "it is a named pipe";
  if (S_ISCHR(mode) || S_ISBLK(mode)) return "it is a device";
  return "it is not a regular file";
}

/// Room to begin with, where a file does not tell its size (/proc).
constexpr std::size_t kLeastRoom = 4096;

/// May hold a secret, so nothing of it is left where it was.
void enlarge(std::string& bytes, std::size_t size) {
  std::string larger(size, '\0');
  std::copy(bytes.begin(), bytes.end(), larger.begin());
  bytes.swap(larger);
  Secret::wipe(larger);
}

/// Until the end or one byte beyond the bound: a file may grow, and under /proc it has no size at all. The
/// bound itself is no measure of the room: thirty profiles, each in what the largest may have, made the heap
/// of an idle daemon three times as large as all the rest of it.
Result<std::string> read_all(int fd, const std::string& path, std::size_t bytes_max, std::size_t expected) {
  std::string bytes(std::min(std::max(expected, kLeastRoom), bytes_max) + 1, '\0');
  std::size_t length = 0;
  while (length <= bytes_max) {
    if (length == bytes.size()) enlarge(bytes, std::min(2 * length, bytes_max + 1));
    const ssize_t count = read(fd, bytes.data() + length, bytes.size() - length);
    if (count == 0) break;
    if (count > 0) length += static_cast<std::size_t>(count);
    if (count < 0 && errno != EINTR) return cannot_read(path, std::strerror(errno));
  }
  if (length > bytes_max) {
    Secret::wipe(bytes);
    return cannot_read(path, "it is larger than " + std::to_string(bytes_max) + " bytes");
  }
  bytes.resize(length);
  return bytes;
}

}  // namespace

Result<SmallFile> read_small_file(const std::string& path, std::size_t bytes_max, mode_t forbidden) {
  // O_NONBLOCK: opening a pipe must not wait for its writer.
  const Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (!file) return cannot_read(path, std::strerror(errno), exit_code::kNoInput);
  struct stat status {};
  if (fstat(file.get(), &status) != 0) return cannot_read(path, std::strerror(errno));
  if (!S_ISREG(status.st_mode)) return cannot_read(path, kind_of(status.st_mode));
  if ((status.st_mode & forbidden) != 0)
    return cannot_read(path, "others can read it; run: chmod o-r " + path);
  const auto size = static_cast<std::uint64_t>(status.st_size);
  if (size > bytes_max) return cannot_read(path, "it is larger than " + std::to_string(bytes_max) + " bytes");
  auto bytes = TRY(read_all(file.get(), path, bytes_max, static_cast<std::size_t>(size)));
  return SmallFile{std::move(bytes), status.st_mode};
}

}  // namespace mailchute
