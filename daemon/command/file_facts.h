// Who owns a file, who may do what with it, and what to type when that is wrong. Pure but for the one
// function that looks; any thread.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

#include "base/phrase.h"

namespace mailchute {

struct FileFacts {
  enum class Kind { Missing, Unseen, File, Folder, Socket, Link, Other } kind = Kind::Missing;
  std::string why;  ///< Of a file that cannot be seen.
  mode_t mode = 0;  ///< The permissions alone.
  uid_t owner = 0;
  gid_t group = 0;
  unsigned long names = 1;  ///< Hard links.
};

/// Who asks may not read it, though it may well be as it should.
bool is_closed_to_us(const std::string& path);

/// The file itself where `path` is a link to it, or leads over one; `path` where it leads nowhere.
std::string where_it_leads(const std::string& path);

/// Does not follow a link.
FileFacts look_at(const std::string& path);

/// `0640 root:mailchute`; a number where the system knows no name.
std::string describe(const FileFacts& facts);

/// What is wrong with a file and how it is mended; empty when nothing is.
struct FileFault {
  Phrase found;
  Phrase fix;
};

/// A file of the configuration: whoever may write it decides where all mail goes. A link that leads somewhere
/// is to be followed first. Without a fix when it is missing: what makes it is the caller's to say.
std::optional<FileFault> fault_of_configuration(const std::string& path, const FileFacts& facts, uid_t self);

/// A file with a secret: nobody but its owner and one group reads it, nobody but its owner writes it.
std::optional<FileFault> fault_of_secret(const std::string& path, const FileFacts& facts);

/// A file of the queue, or its folder: the owner's alone. `owner`: whose it must be; empty: anybody's.
std::optional<FileFault> fault_of_queue(const std::string& path, const FileFacts& facts,
                                        std::optional<uid_t> owner);

/// A socket: `mode` is what it should have.
std::optional<FileFault> fault_of_socket(const std::string& path, const FileFacts& facts, mode_t mode);

}  // namespace mailchute
