// Room on the disk: how much is free, and a ballast file that is thrown away when there is none, because on a
// truly full disk even a DELETE and a checkpoint fail. One thread.
#pragma once

#include <cstdint>
#include <string>

#include "base/phrase.h"

namespace mailchute {

/// The log may grow to about this before it is moved into the database; the ballast holds as much, so that a
/// full disk can be drained.
inline constexpr std::uint64_t kBallastBytes = 8ULL << 20;

class Space {
 public:
  /// For the queue at `path`. Makes the ballast when there is room for it.
  explicit Space(std::string path);

  /// Bytes that may still be written to the file system; 0 when it does not say.
  std::uint64_t free_bytes() const;

  /// Whether the ballast is on disk, waiting to be thrown away, and how large it is.
  bool ballasted() const { return ballasted_; }
  std::uint64_t ballast_bytes() const { return ballast_bytes_; }

  /// Gives the ballast's room to the queue. True when there was any to give.
  bool release();

  /// Makes the ballast again as soon as twice its size is free, so that making it never fills the disk. True
  /// when it is there.
  bool restore();

  /// Whether there is too little room to make the ballast. It may be missing for another reason, which is
  /// none to refuse mail.
  bool short_of_ballast() const { return free_bytes() < 2 * ballast_bytes_; }

 private:
  std::string path_;
  std::string ballast_;
  std::uint64_t ballast_bytes_ = kBallastBytes;
  bool ballasted_ = false;
};

/// What the operator should know of the file system of a file's folder; empty for an ordinary one. `tmpfs`
/// forgets the queue at every boot, so does a container's own layer, and a lock on a network file system may
/// not hold.
Phrase frail_file_system(const std::string& path);

}  // namespace mailchute
