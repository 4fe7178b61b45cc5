// The names and passwords of `listen.smtp_users`: who may log in at the SMTP port. Loop thread only.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/secret.h"

namespace mailchute {

class Logins {
 public:
  /// A name that is there already gets the new password.
  void add(std::string name, Secret password);

  bool empty() const { return users_.empty(); }
  bool knows(std::string_view name) const;

  /// Takes as long for a name that nobody has as for a wrong password, and tells neither from the other.
  bool accepts(std::string_view name, const Secret& password) const;

 private:
  struct User {
    std::string name;
    Secret password;
  };
  const User* find(std::string_view name) const;

  std::vector<User> users_;
};

}  // namespace mailchute
