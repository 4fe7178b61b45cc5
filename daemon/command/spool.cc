#include "command/spool.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "base/exit_codes.h"
#include "base/limits.h"

namespace mailchute {

namespace {

tl::unexpected<Error> no_room(const std::string& what) {
  return fail("cannot keep the message while it is read: " + what + ": " + std::strerror(errno),
              exit_code::kTryLater);
}

/// A file system that has no files without names gives one whose name is taken away at once.
Descriptor nameless_file(const std::string& folder) {
  Descriptor file(::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
  if (file) return file;
  std::string name = folder + "/mailchute-XXXXXX";
  file = Descriptor(::mkostemp(name.data(), O_CLOEXEC));
  if (file) ::unlink(name.c_str());
  return file;
}

/// /var/tmp lies on a disk where /tmp may be memory, which is what is to be spared.
Result<Descriptor> open_nameless() {
  const char* const chosen = std::getenv("TMPDIR");
  for (const std::string folder : {chosen == nullptr ? "" : chosen, "/var/tmp", "/tmp"}) {
    if (!folder.starts_with('/')) continue;
    Descriptor file = nameless_file(folder);
    if (file) return file;
  }
  return no_room("no temporary file in /var/tmp or /tmp");
}

}  // namespace

Result<void> Spool::append(std::string_view bytes) {
  size_ += bytes.size();
  if (!file_ && memory_.size() + bytes.size() <= memory_bytes_max_) {
    memory_ += bytes;
    return {};
  }
  if (!file_) {
    file_ = TRY(open_nameless());
    TRY_VOID(write_to_file(std::exchange(memory_, {})));
  }
  return write_to_file(bytes);
}

Result<void> Spool::write_to_file(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(file_.get(), bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return no_room("temporary file");
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

Result<std::string> Spool::next_piece() {
  if (!file_) {
    std::string piece = memory_.substr(given_, limits::kChunkBytes);
    given_ += piece.size();
    return piece;
  }
  std::string piece(limits::kChunkBytes, '\0');
  ssize_t got = 0;
  do {
    got = ::pread(file_.get(), piece.data(), piece.size(), static_cast<off_t>(given_));
  } while (got < 0 && errno == EINTR);
  const bool cut_short = got == 0 && given_ < size_;
  if (got < 0 || cut_short)
    return fail(
        std::string("cannot read the message back: ") + (got < 0 ? std::strerror(errno) : "it was cut short"),
        exit_code::kTryLater);
  piece.resize(static_cast<std::size_t>(got));
  given_ += piece.size();
  return piece;
}

}  // namespace mailchute
