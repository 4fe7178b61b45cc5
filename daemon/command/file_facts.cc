#include "command/file_facts.h"

#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>

namespace mailchute {

namespace {

constexpr mode_t kOthersWrite = 0002;
constexpr mode_t kGroupWrites = 0020;
constexpr mode_t kOthersAll = 0007;
constexpr mode_t kNotTheOwner = 0077;
constexpr mode_t kPermissions = 07777;

FileFacts::Kind kind_of(mode_t mode) {
  if (S_ISREG(mode)) return FileFacts::Kind::File;
  if (S_ISDIR(mode)) return FileFacts::Kind::Folder;
  if (S_ISSOCK(mode)) return FileFacts::Kind::Socket;
  return S_ISLNK(mode) ? FileFacts::Kind::Link : FileFacts::Kind::Other;
}

std::string octal(mode_t mode) {
  std::array<char, 8> text{};
  std::snprintf(text.data(), text.size(), "%04o", static_cast<unsigned>(mode));
  return text.data();
}

std::string user_name(uid_t uid) {
  const passwd* found = ::getpwuid(uid);
  return found == nullptr ? std::to_string(uid) : found->pw_name;
}

std::string group_name(gid_t gid) {
  const group* found = ::getgrgid(gid);
  return found == nullptr ? std::to_string(gid) : found->gr_name;
}

std::optional<FileFault> fault(std::string found, std::string fix) {
  return FileFault{std::move(found), std::move(fix)};
}

/// Links and missing files are told alike wherever they are met.
std::optional<FileFault> fault_of_kind(const std::string& path, const FileFacts& facts,
                                       const std::string& make) {
  if (facts.kind == FileFacts::Kind::Missing) return fault(path + " is not there", make);
  if (facts.kind == FileFacts::Kind::Unseen)
    return fault(path + " cannot be looked at: " + facts.why, "the same as root");
  return std::nullopt;
}

}  // namespace

FileFacts look_at(const std::string& path) {
  FileFacts facts;
  struct stat found {};
  if (::lstat(path.c_str(), &found) != 0) {
    facts.kind = errno == ENOENT || errno == ENOTDIR ? FileFacts::Kind::Missing : FileFacts::Kind::Unseen;
    facts.why = std::strerror(errno);
    return facts;
  }
  facts.kind = kind_of(found.st_mode);
  facts.mode = found.st_mode & kPermissions;
  facts.owner = found.st_uid;
  facts.group = found.st_gid;
  facts.names = found.st_nlink;
  return facts;
}

std::string describe(const FileFacts& facts) {
  return octal(facts.mode) + " " + user_name(facts.owner) + ":" + group_name(facts.group);
}

std::optional<FileFault> fault_of_configuration(const std::string& path, const FileFacts& facts, uid_t self) {
  if (auto missing = fault_of_kind(path, facts, "mailchute setup")) return missing;
  if ((facts.mode & kOthersWrite) != 0)
    return fault("everybody may write " + path + " (" + describe(facts) + ")", "chmod o-w " + path);
  if (facts.owner != 0 && facts.owner != self)
    return fault(path + " belongs to " + user_name(facts.owner) + ", who can change where all mail goes",
                 "chown root " + path);
  if ((facts.mode & kGroupWrites) != 0 && facts.group != 0)
    return fault("the group " + group_name(facts.group) + " may write " + path, "chmod g-w " + path);
  return std::nullopt;
}

std::optional<FileFault> fault_of_secret(const std::string& path, const FileFacts& facts) {
  if (auto missing = fault_of_kind(path, facts, "")) return missing;
  if (facts.kind == FileFacts::Kind::Folder || facts.kind == FileFacts::Kind::Socket)
    return fault(path + " is no file", "");
  if ((facts.mode & kOthersAll) != 0 && facts.kind != FileFacts::Kind::Link)
    return fault("others may read or write " + path + " (" + describe(facts) + "); such a secret is not used",
                 "chmod o= " + path);
  if ((facts.mode & kGroupWrites) != 0 && facts.kind != FileFacts::Kind::Link)
    return fault("the group " + group_name(facts.group) + " may write " + path, "chmod g-w " + path);
  return std::nullopt;
}

std::optional<FileFault> fault_of_queue(const std::string& path, const FileFacts& facts,
                                        std::optional<uid_t> owner) {
  if (auto missing = fault_of_kind(path, facts, "systemctl start mailchute (it makes the queue)"))
    return missing;
  if (facts.kind == FileFacts::Kind::Link)
    return fault(path + " is a symbolic link; the daemon does not start with it",
                 "put the queue's real path into queue.path");
  if (facts.kind == FileFacts::Kind::File && facts.names != 1)
    return fault(path + " has a second name (hard link); the daemon does not start with it",
                 "find the other with: find / -xdev -samefile " + path);
  if (owner && facts.owner != *owner)
    return fault(path + " belongs to " + user_name(facts.owner) + ", not to " + user_name(*owner),
                 "chown " + user_name(*owner) + " " + path);
  const mode_t forbidden = facts.kind == FileFacts::Kind::Folder ? kOthersWrite | kGroupWrites : kNotTheOwner;
  if ((facts.mode & forbidden) != 0)
    return fault(path + " is open to others than its owner (" + describe(facts) + ")",
                 "chmod go-rwx " + path);
  return std::nullopt;
}

std::optional<FileFault> fault_of_socket(const std::string& path, const FileFacts& facts, mode_t mode) {
  if (auto missing = fault_of_kind(path, facts, "systemctl restart mailchute")) return missing;
  if (facts.kind != FileFacts::Kind::Socket)
    return fault(path + " is there, and is no socket", "move it away, then: systemctl restart mailchute");
  if ((facts.mode & 0777) == mode) return std::nullopt;
  return fault(path + " has the mode " + octal(facts.mode) + ", where it should be " + octal(mode),
               "chmod " + octal(mode) + " " + path);
}

}  // namespace mailchute
