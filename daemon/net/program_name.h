// The name of a program that runs on this machine, for people to read. Any thread.
#pragma once

#include <sys/types.h>

#include <string>

namespace mailchute {

/// As the kernel keeps it: at most 15 bytes, which the program itself may have chosen. Empty when it is gone,
/// or the system hides it. Reads the kernel's memory, no disk: no waiting.
std::string program_name(pid_t pid);

}  // namespace mailchute
