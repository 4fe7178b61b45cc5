// What a program that runs on this machine is called, and who started it, for people to read. Any thread.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

namespace mailchute {

/// As the kernel keeps it: at most 15 bytes, which the program itself may have chosen. Empty when it is gone,
/// or the system hides it. Reads the kernel's memory, no disk: no waiting.
std::string program_name(pid_t pid);

/// The process that started it, or that took it over when that one ended. Empty as above.
std::optional<pid_t> parent_process(pid_t pid);

}  // namespace mailchute
