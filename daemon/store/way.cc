#include "store/way.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <climits>
#include <vector>

#include "base/exit_codes.h"
#include "store/system.h"

namespace mailchute {

namespace {

constexpr int kLinksMax = 40;  // As the kernel has it.

tl::unexpected<Error> refuse(const std::string& place, const std::string& why, const std::string& next) {
  return fail("refusing the way to the queue: " + place + " " + why +
                  ", who could put another folder in its place; next: " + next,
              exit_code::kPermission);
}

bool one_of_us(gid_t group) {
  if (group == 0 || group == ::getegid()) return true;
  std::vector<gid_t> groups(static_cast<std::size_t>(std::max(0, ::getgroups(0, nullptr))));
  const int count = ::getgroups(static_cast<int>(groups.size()), groups.data());
  return count > 0 && std::find(groups.begin(), groups.begin() + count, group) != groups.begin() + count;
}

/// A link's mode says nothing; in a sticky folder nobody renames what is another's.
Result<void> check_place(const std::string& place, const struct stat& facts) {
  if (facts.st_uid != 0 && facts.st_uid != ::geteuid())
    return refuse(place, "belongs to user " + std::to_string(facts.st_uid), "chown root " + place);
  if (!S_ISDIR(facts.st_mode) || (facts.st_mode & S_ISVTX) != 0) return {};
  if ((facts.st_mode & S_IWOTH) != 0)
    return refuse(place, "can be written by every user", "chmod o-w " + place);
  if ((facts.st_mode & S_IWGRP) != 0 && !one_of_us(facts.st_gid))
    return refuse(place, "can be written by group " + std::to_string(facts.st_gid), "chmod g-w " + place);
  return {};
}

/// The first name of `rest`, which is cut off it; empty at the end.
std::string take_name(std::string& rest) {
  rest.erase(0, rest.find_first_not_of('/'));
  const std::string name = rest.substr(0, rest.find('/'));
  rest.erase(0, name.size());
  return name;
}

Result<std::string> target_of(const std::string& link) {
  std::array<char, PATH_MAX> target{};
  const auto length = ::readlink(link.c_str(), target.data(), target.size());
  if (length <= 0) return fail("cannot read the link " + link + ": " + errno_text(), exit_code::kPermission);
  return std::string(target.data(), static_cast<std::size_t>(length));
}

/// How far the walk has come, and what is before it.
struct Walk {
  std::string here{};  ///< Empty: the root.
  std::string rest{};
  int links = 0;
};

Result<void> step(Walk& walk, const std::string& name) {
  if (name == ".") return {};
  if (name == "..") {
    walk.here.erase(std::min(walk.here.size(), walk.here.rfind('/')));
    return {};
  }
  const std::string place = walk.here + "/" + name;
  struct stat facts {};
  if (::lstat(place.c_str(), &facts) != 0)
    return fail("cannot look at " + place + ": " + errno_text(), exit_code::kPermission);
  TRY_VOID(check_place(place, facts));
  if (!S_ISLNK(facts.st_mode)) {
    walk.here = place;
    return {};
  }
  if (++walk.links > kLinksMax) return fail("too many links at " + place, exit_code::kPermission);
  const std::string target = TRY(target_of(place));
  if (target.starts_with('/')) walk.here.clear();
  walk.rest = target + "/" + walk.rest;
  return {};
}

}  // namespace

Result<void> check_way_to(const std::string& folder) {
  if (::geteuid() == 0) return {};
  Walk walk{.rest = folder};
  if (!folder.starts_with('/')) {
    std::array<char, PATH_MAX> here{};
    if (::getcwd(here.data(), here.size()) == nullptr)
      return fail("cannot tell where " + folder + " is: " + errno_text(), exit_code::kPermission);
    walk.rest = std::string(here.data()) + "/" + folder;
  }
  for (std::string name = take_name(walk.rest); !name.empty(); name = take_name(walk.rest))
    TRY_VOID(step(walk, name));
  return {};
}

}  // namespace mailchute
