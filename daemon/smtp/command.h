// A command line taken apart: which command it is, and what stands behind it. Knows the words of the
// protocol, not the order they may come in. Pure; any thread.
#pragma once

#include <cstdint>
#include <string_view>
#include <tl/expected.hpp>

#include "mail/reply.h"

namespace mailchute {

/// Either what a client meant, or what it is told instead.
template <typename T>
using Parsed = tl::expected<T, Reply>;

/// Unoffered: a command of some SMTP server, never of this one (TURN, ETRN, EXPN, ...). Unknown: no command
/// at all.
enum class Verb {
  Ehlo,
  Helo,
  Mail,
  Rcpt,
  Data,
  Bdat,
  Rset,
  Noop,
  Vrfy,
  Help,
  Quit,
  Auth,
  StartTls,
  OwnMail,
  Unoffered,
  Unknown
};

/// `argument` is what follows the one blank behind the word, without blanks at its end.
struct Command {
  Verb verb = Verb::Unknown;
  std::string_view argument;
  bool parted_by_tab = false;  ///< RFC 5321 4.1.1 wants a blank; the caller refuses it.
};

/// `line` without its end. The result points into it.
Command parse_command(std::string_view line);

/// The argument of EHLO or HELO: a domain, an address literal, or one of the names that machines have without
/// a domain. Everything in it is safe to print and to put into a header. 501 for anything else.
Parsed<std::string_view> parse_helo(std::string_view argument);

/// The argument of BDAT (RFC 3030 2).
struct ChunkSize {
  std::uint64_t bytes = 0;
  enum class Last { No, Yes } last = Last::No;
};
Parsed<ChunkSize> parse_bdat(std::string_view argument);

}  // namespace mailchute
