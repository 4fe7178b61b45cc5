#include "command/calling_user.h"

#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>

#include "base/limits.h"
#include "base/text.h"

namespace mailchute {

namespace {

bool may_stay(char c) {
  const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  return letter || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '+';
}

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }

}  // namespace

CallingUser calling_user() {
  const uid_t uid = ::getuid();
  const passwd* const entry = ::getpwuid(uid);
  if (entry == nullptr) return {Mailbox("uid" + std::to_string(uid), ""), {}};
  return {mailbox_of_user(entry->pw_name), name_in_comment(entry->pw_gecos, entry->pw_name)};
}

Mailbox mailbox_of_user(std::string_view login) {
  auto as_it_is = Mailbox::parse(login);
  if (as_it_is && as_it_is->bare()) return *as_it_is;
  // `DOMAIN\user` of a directory, `machine$`: known by it to a person, and an address that can be written.
  std::string local(login.substr(0, limits::kLocalPartBytes));
  std::replace_if(
      local.begin(), local.end(), [](char c) { return !may_stay(c); }, '_');
  if (local.empty() || local.front() == '-') local.insert(0, "_");
  return Mailbox(local.substr(0, limits::kLocalPartBytes), "");
}

std::string name_in_comment(std::string_view comment, std::string_view login) {
  std::string name;
  for (const char c : comment.substr(0, comment.find(','))) {
    if (is_control(c)) return {};
    if (c != '&' || login.empty()) {
      name += c;
      continue;
    }
    name += static_cast<char>(std::toupper(static_cast<unsigned char>(login.front())));
    name += login.substr(1);
  }
  return std::string(trim(name));
}

}  // namespace mailchute
