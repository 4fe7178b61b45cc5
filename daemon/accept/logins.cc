#include "accept/logins.h"

#include <algorithm>
#include <utility>

#include "net/fingerprint.h"

namespace mailchute {

void Logins::add(std::string name, Secret password) {
  std::erase_if(users_, [&](const User& user) { return user.name == name; });
  users_.push_back({std::move(name), std::move(password)});
}

bool Logins::knows(std::string_view name) const { return find(name) != nullptr; }

bool Logins::accepts(std::string_view name, const Secret& password) const {
  static const Secret kNobodys(std::string("the password of nobody"));
  const User* const user = find(name);
  const bool same = same_secret(password, user == nullptr ? kNobodys : user->password);
  return same && user != nullptr;
}

const Logins::User* Logins::find(std::string_view name) const {
  const auto found =
      std::find_if(users_.begin(), users_.end(), [&](const User& user) { return user.name == name; });
  return found == users_.end() ? nullptr : &*found;
}

}  // namespace mailchute
