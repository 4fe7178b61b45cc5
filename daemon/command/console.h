// How a command speaks: data to standard output, talk to standard error, and every error ends with the next
// command to type. Main thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"
#include "command/commands.h"

namespace mailchute {

/// `mailchute queue list --config FILE`: a command line that works as the one at hand did.
std::string next_command(const CommonOptions& options, std::string_view words);

/// Says what went wrong and what to type next; gives the exit status. An error that names a next step keeps
/// its own.
int complain(const CommonOptions& options, const Error& error);

/// One line of talk.
void say(std::string_view text);

/// Data.
void print(std::string_view text);

/// To be called last: `status`, or 74 when what was printed did not arrive.
int finish(int status);

/// Places of the terminal that standard output is; 0 when it is none, so that a file or a pipe gets
/// everything.
std::size_t screen_width();

/// Puts a question that only `y` and `yes` answer; no when there is nobody to ask.
bool someone_to_ask();
bool confirmed(const std::string& question);

}  // namespace mailchute
