// What is given away with a report of a fault: parts of plain text in one file, with addresses masked.
// Redacting is pure; any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace mailchute {

/// `ann@example.com` becomes `***@example.com`, in whatever text it stands; so do the names before @ in
/// Message-IDs.
std::string with_addresses_masked(std::string_view text);

/// The value of each line `user: VALUE` becomes `***`: some providers' users are no addresses, and half a
/// secret. Of an address the domain stays.
std::string with_users_masked(std::string_view yaml);

/// The same of a login in a sentence: `, as VALUE` at the end of a line becomes `, as ***`.
std::string with_logins_masked(std::string text, const std::vector<std::string>& logins);

/// Writes a new file of mode 0600; follows no link, overwrites nothing (code 73).
Result<void> write_new_file(const std::string& path, std::string_view text);

}  // namespace mailchute
