// A small file that takes the place of another, or of none, whole: whoever reads the path meets the old
// content or the new one, never a part. Written beside it, synced, then renamed. Refuses what somebody else
// could have put there to lead us astray: symbolic links, second names, other owners. Waits for the disk: not
// on the loop thread.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>

#include "base/descriptor.h"
#include "base/result.h"

namespace mailchute {

/// Who may read a file or folder that we make.
struct FileAccess {
  mode_t mode = 0600;
  std::optional<gid_t> group = std::nullopt;  ///< Empty: the one that new files get.
  std::optional<uid_t> owner = std::nullopt;  ///< Empty: who we are.
};

class NewFile {
 public:
  /// Writes `bytes` beside `path` and syncs them: what can go wrong with the disk goes wrong here. Its folder
  /// must exist, belong to us or root, and not be writable by everyone; a file at `path` must be a regular
  /// one with no other name, and belong to us or root. Error codes: 77 for a lack of permission, 73 for what
  /// is refused, 74 for the disk.
  static Result<NewFile> prepare(const std::string& path, std::string_view bytes, const FileAccess& access);

  NewFile(NewFile&& other) noexcept;
  NewFile& operator=(NewFile&&) = delete;
  /// Removes what is not in its place: the new content before place(), the old one behind it.
  ~NewFile();

  /// Puts the new content at the path, and syncs the folder.
  Result<void> place();

  /// After place(): puts things back as they were, where the file system can exchange two files (all usual
  /// ones can).
  void undo();

 private:
  enum class State { Prepared, PlacedNew, Exchanged, Gone };

  NewFile(Descriptor folder, std::string path, std::string name, std::string temporary);
  Result<void> write(std::string_view bytes, const FileAccess& access);

  Descriptor folder_;
  std::string path_;
  std::string name_;       ///< In the folder.
  std::string temporary_;  ///< Beside it.
  State state_ = State::Prepared;
};

/// Makes the folder `path` where there is none. What stands above it must exist.
Result<void> make_folder(const std::string& path, const FileAccess& access);

}  // namespace mailchute
