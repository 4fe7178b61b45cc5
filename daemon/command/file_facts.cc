#include "command/file_facts.h"

#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <system_error>

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

std::optional<FileFault> fault(Phrase found, Phrase fix) {
  return FileFault{std::move(found), std::move(fix)};
}

std::optional<FileFault> fault(Phrase found, const std::string& command) {
  return fault(std::move(found), untranslated(command));
}

Phrase group_writes(const FileFacts& facts, const std::string& path) {
  return said({"the group {} may write {}", "用户组 {} 可以改写 {}"}, {group_name(facts.group), path});
}

/// Links and missing files are told alike wherever they are met.
std::optional<FileFault> fault_of_kind(const std::string& path, const FileFacts& facts, const Phrase& make) {
  if (facts.kind == FileFacts::Kind::Missing)
    return fault(said({"{} is not there", "{} 不存在"}, {path}), make);
  if (facts.kind == FileFacts::Kind::Unseen)
    return fault(said({"{} cannot be looked at: {}", "无法查看 {}：{}"}, {path, facts.why}),
                 said({"the same as root", "用 root 再运行一次"}));
  return std::nullopt;
}

}  // namespace

bool is_closed_to_us(const std::string& path) { return ::access(path.c_str(), R_OK) != 0 && errno == EACCES; }

std::string where_it_leads(const std::string& path) {
  std::error_code failed;
  const auto target = std::filesystem::canonical(path, failed);
  return failed ? path : target.string();
}

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
  if (auto missing = fault_of_kind(path, facts, {})) return missing;
  if (facts.kind == FileFacts::Kind::Link)
    return fault(said({"{} is a link that leads nowhere", "{} 是失效的链接"}, {path}), "rm " + path);
  if ((facts.mode & kOthersWrite) != 0)
    return fault(said({"everybody may write {} ({})", "任何人都可以改写 {}（{}）"}, {path, describe(facts)}),
                 "chmod o-w " + path);
  if (facts.owner != 0 && facts.owner != self)
    return fault(said({"{} belongs to {}, who can change where all mail goes",
                       "{} 属于 {}，此人可以改变所有邮件的去向"},
                      {path, user_name(facts.owner)}),
                 "chown root " + path);
  if ((facts.mode & kGroupWrites) != 0 && facts.group != 0)
    return fault(group_writes(facts, path), "chmod g-w " + path);
  return std::nullopt;
}

std::optional<FileFault> fault_of_secret(const std::string& path, const FileFacts& facts) {
  if (auto missing = fault_of_kind(path, facts, {})) return missing;
  if (facts.kind == FileFacts::Kind::Folder || facts.kind == FileFacts::Kind::Socket)
    return fault(said({"{} is no file", "{} 不是文件"}, {path}), Phrase());
  if ((facts.mode & kOthersAll) != 0 && facts.kind != FileFacts::Kind::Link)
    return fault(said({"others may read or write {} ({}); such a secret is not used",
                       "其他用户可以读写 {}（{}）；这样的密码不会使用"},
                      {path, describe(facts)}),
                 "chmod o= " + path);
  if ((facts.mode & kGroupWrites) != 0 && facts.kind != FileFacts::Kind::Link)
    return fault(group_writes(facts, path), "chmod g-w " + path);
  return std::nullopt;
}

std::optional<FileFault> fault_of_queue(const std::string& path, const FileFacts& facts,
                                        std::optional<uid_t> owner) {
  const Phrase start = said({"{} (it makes the queue)", "{}（队列由它建立）"}, {"systemctl start mailchute"});
  if (auto missing = fault_of_kind(path, facts, start)) return missing;
  if (facts.kind == FileFacts::Kind::Link)
    return fault(said({"{} is a symbolic link; the daemon does not start with it",
                       "{} 是符号链接；守护进程因此不会启动"},
                      {path}),
                 said({"put the queue's real path into queue.path", "在 queue.path 中写队列的真实路径"}));
  if (facts.kind == FileFacts::Kind::File && facts.names != 1)
    return fault(
        said({"{} has a second name (hard link); the daemon does not start with it",
              "{} 还有另一个名字（硬链接）；守护进程因此不会启动"},
             {path}),
        said({"find the other with: find / -xdev -samefile {}", "找出另一个名字：find / -xdev -samefile {}"},
             {path}));
  if (owner && facts.owner != *owner)
    return fault(said({"{} belongs to {}, not to {}", "{} 属于 {}，而不是 {}"},
                      {path, user_name(facts.owner), user_name(*owner)}),
                 "chown " + user_name(*owner) + " " + path);
  const mode_t forbidden = facts.kind == FileFacts::Kind::Folder ? kOthersWrite | kGroupWrites : kNotTheOwner;
  if ((facts.mode & forbidden) != 0)
    return fault(said({"{} is open to others than its owner ({})", "所有者以外的人也能访问 {}（{}）"},
                      {path, describe(facts)}),
                 "chmod go-rwx " + path);
  return std::nullopt;
}

std::optional<FileFault> fault_of_socket(const std::string& path, const FileFacts& facts, mode_t mode) {
  constexpr char kRestart[] = "systemctl restart mailchute";
  if (auto missing = fault_of_kind(path, facts, untranslated(kRestart))) return missing;
  if (facts.kind != FileFacts::Kind::Socket)
    return fault(said({"{} is there, and is no socket", "{} 存在，但不是套接字"}, {path}),
                 said({"move it away, then: {}", "先把它移开，再运行：{}"}, {kRestart}));
  if ((facts.mode & 0777) == mode) return std::nullopt;
  return fault(said({"{} has the mode {}, where it should be {}", "{} 的权限是 {}，应为 {}"},
                    {path, octal(facts.mode), octal(mode)}),
               "chmod " + octal(mode) + " " + path);
}

}  // namespace mailchute
