// How the commands reach the queue and the daemon: the settings that say where they are, the queue for
// reading, a question over the control socket, and the queue itself while no daemon runs. Main thread;
// everything here waits.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "command/commands.h"
#include "settings/settings.h"
#include "store/queue.h"
#include "store/reader.h"

namespace mailchute {

/// Fails with code 78, what is wrong with the configuration has then been said; with 77 where it is not for
/// us to read.
Result<Settings> command_settings(const CommonOptions& options);

/// A file of the configuration that we may not read, as an error of code 77; empty for any other.
std::optional<Error> closed_to_us(const std::string& path);

/// Opens the queue for reading.
Result<QueueReader> open_reader(const Settings& settings);

/// Root reads a queue as its owner; ends that, for what is written elsewhere. What is open stays open.
Result<void> act_as_oneself();

/// Whole ids for what was typed; fails with code 1 for an id that is not there, 64 for one that is ambiguous
/// or none at all. The queue is opened only when an id was not typed in full: a member of the group may use
/// the control socket, but not read the queue.
Result<std::vector<MessageId>> resolve_ids(const Settings& settings, const std::vector<std::string>& typed);

/// Asks the daemon; gives the body of a good answer. Fails with code 69 when it is not running, 77 when we
/// may not ask, 1 when what was named is not there, 64, 75 or 70 as the daemon answers.
Result<std::string> ask(const Settings& settings, const std::string& method, const std::string& path,
                        const std::string& body);

/// The same, of a daemon that runs already: one that was stopped is not started by a question, though its
/// socket is open (systemd keeps it). Fails with code 69 then.
Result<std::string> ask_if_running(const Settings& settings, const std::string& method,
                                   const std::string& path, const std::string& body);

/// A line of talk where no daemon runs: what is shown then goes nowhere.
void say_if_stopped(const Settings& settings);

/// Does the operation on the queue itself, under the daemon's lock. Fails with code 75 when somebody has it.
Result<std::size_t> operate_offline(const Settings& settings, Operation operation,
                                    const Selection& selection);

}  // namespace mailchute
