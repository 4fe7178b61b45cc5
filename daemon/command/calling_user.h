// Who called a command, as the system knows them: the real user, whatever the environment says. Main thread.
#pragma once

#include <string>
#include <string_view>

#include "mail/mailbox.h"

namespace mailchute {

struct CallingUser {
  Mailbox mailbox;        ///< Bare: the login name, or `uid1234` for a user without one.
  std::string full_name;  ///< Of the passwd entry; empty where it has none that could be written.
};

/// Asks the system's user database.
CallingUser calling_user();

/// The login name as a bare local name: what no such name can have becomes `_`. Pure.
Mailbox mailbox_of_user(std::string_view login);

/// The person's name in the comment field of a passwd entry: its first part, `&` meaning the login name.
/// Pure.
std::string name_in_comment(std::string_view comment, std::string_view login);

}  // namespace mailchute
