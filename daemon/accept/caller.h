// Who hands in a message, as far as the system tells: what the queue keeps as its source, and what the log
// says. Loop thread only.
#pragma once

#include <string>

#include "net/acceptor.h"
#include "store/queue.h"

namespace mailchute {

/// Which door an app came in by: the SMTP port, or the socket of the sendmail command.
enum class Entrance { Smtp, Submit };

/// Whose mail a client may see in the queue: its user's, or everybody's.
enum class Sight { OwnMail, AllMail };

struct Caller {
  Source source;
  Sight sight = Sight::OwnMail;
};

/// All that is known of a client of the submit socket. The kernel tells its user and process; the name of its
/// program, or of the one that called sendmail, is a hint, for a process may choose it (prctl). Root, our own
/// user and the members of our group may see all mail: they may use the control socket too.
Caller local_caller(const PeerFacts& facts);

/// True for what local_caller() gave: such a client has no address, and its name in EHLO says nothing.
bool came_by_submit(const Source& source);

/// True for a client of another machine: it has an address, and that is none of loopback's.
bool is_stranger(const Source& source);

/// Who counts as one, where clients are counted: a login, else a local user, else a machine (of IPv6 a
/// network of 64 bits, for a machine has as many addresses as it likes). All local clients whose user nobody
/// knows are one.
std::string party(const Source& source);

/// For a log line: `127.0.0.1:51234`, or `uid 33 (php-fpm8.2)`. Safe to print.
std::string caller_text(const Source& source);

/// With the door: `smtp 127.0.0.1:51234 uid=33`, `submit uid=33 command=php-fpm8.2`, and
/// `login=NAME` for who has logged in.
std::string source_text(const Source& source);

}  // namespace mailchute
