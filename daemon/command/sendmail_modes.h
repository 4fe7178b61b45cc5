// What sendmail does beside taking a message: each as a function, with the exit status of sysexits.h. Data
// goes to standard output, talk to standard error. Main thread.
#pragma once

#include <string>
#include <vector>

#include "command/sendmail_arguments.h"

namespace mailchute {

/// -bs: SMTP on standard input and output, spoken by the daemon. Where that cannot be reached, its `421` is
/// said here.
int speak_smtp();

/// -bp, and mailq: what is waiting.
int list_mail();

/// -bi, and newaliases: every mistake in the aliases, 78 if there is any; without one the daemon is told that
/// they may be new.
int check_aliases();

/// -bv: where mail for these addresses would go.
int show_way(const std::vector<std::string>& recipients);

/// -q: what waits is tried now.
int try_now(const SendmailRequest& request);

}  // namespace mailchute
