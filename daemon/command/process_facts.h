// What the kernel tells of a running process, and which process listens at a port. What others' processes do
// not show is left empty. Any thread; reads /proc.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace mailchute {

struct ProcessFacts {
  std::string name;
  std::optional<uid_t> user;                    ///< Effective.
  std::optional<std::uint64_t> capabilities{};  ///< Effective.
  std::optional<int> no_new_privileges{};
  std::optional<int> seccomp{};  ///< 0: off.
  std::optional<std::uint64_t> core_bytes_max{};
  std::optional<std::uint64_t> files_max{};
};

/// Of `/proc/PID/status` and `/proc/PID/limits`, as the kernel writes them.
ProcessFacts parse_process(std::string_view status, std::string_view limits);

/// Empty when there is no such process.
std::optional<ProcessFacts> process_facts(std::int64_t pid);

/// The program that listens at a TCP port: `exim4 (pid 812)`, an empty text when we may not see who. Nothing
/// when nobody does.
std::optional<std::string> listener_at(std::uint16_t port);

/// For a sentence: one that we may not see is `another program`.
std::string holder_in_words(const std::string& holder);

/// The inode of the socket that listens at `port`, in a text like /proc/net/tcp; empty when there is none.
std::optional<std::uint64_t> listening_inode(std::string_view table, std::uint16_t port);

}  // namespace mailchute
