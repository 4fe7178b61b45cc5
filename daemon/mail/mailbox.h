// An address of the envelope: RFC 5321 4.1.2 `Mailbox`, parsed once at the border and never again a loose
// string. Pure; any thread.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace mailchute {

/// A local part and a domain. `local` is kept without the quotes it may have been written in; the domain is
/// lower case, without a trailing dot; an address literal keeps its brackets. An empty domain means a bare
/// local name (`root`).
class Mailbox {
 public:
  Mailbox() = default;
  Mailbox(std::string local, std::string domain) : local_(std::move(local)), domain_(std::move(domain)) {}

  /// Parses `local@domain`, `"quoted local"@domain`, `local@[127.0.0.1]` or a bare `local`, without angle
  /// brackets. UTF-8 is taken when `Utf8::Allowed` (RFC 6531 3.3). Fails on anything else, on control bytes,
  /// on lengths beyond RFC 5321 4.5.3.1 (64, 255, 256 with the brackets).
  enum class Utf8 { Refused, Allowed };
  static Result<Mailbox> parse(std::string_view text, Utf8 utf8 = Utf8::Refused);

  const std::string& local() const { return local_; }
  const std::string& domain() const { return domain_; }
  bool bare() const { return domain_.empty(); }

  /// This address with `domain` if it has none.
  Mailbox completed(std::string_view domain) const;

  /// As it goes on the wire, quoted where RFC 5321 demands it, without angle brackets: `"a b"@example.com`.
  std::string text() const;

  /// True when SMTPUTF8 is needed to carry it.
  bool needs_utf8() const;

  /// Local part exact, domain already lower case.
  bool operator==(const Mailbox& other) const = default;

 private:
  std::string local_;
  std::string domain_;
};

}  // namespace mailchute
