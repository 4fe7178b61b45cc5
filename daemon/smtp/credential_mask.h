// Takes a login's credential out of whatever a server says, so that it can be shown and kept: servers like to
// quote the line that they did not understand, also long after the login. Knows the secret plain and in the
// forms in which it is sent or printed, whole and in pieces; holds none of them, only marks. Pure; any
// thread.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <unordered_set>

#include "base/secret.h"

namespace mailchute {

class CredentialMask {
 public:
  /// An empty secret masks nothing.
  CredentialMask(std::string_view user, const Secret& secret);

  /// Each piece that tells, and the rest of its word, becomes `***`. Pieces shorter than eight bytes of the
  /// secret stay, unless that is the whole of it.
  void apply(std::string& text) const;

 private:
  void know(std::string_view form, std::size_t piece_bytes);
  std::size_t match(std::string_view text, std::size_t at) const;

  std::map<std::size_t, std::unordered_set<std::size_t>> pieces_;  ///< By length, the marks of all pieces.
};

}  // namespace mailchute
