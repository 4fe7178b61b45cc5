// Makes and checks listening sockets, synchronously: binding is no waiting. Used by Acceptor. Any thread.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "base/descriptor.h"
#include "base/result.h"
#include "net/address.h"

namespace mailchute {

/// The error's code is 68 when this machine has no such address, 77 without permission, 73 otherwise.
Result<Descriptor> listen_on(const SocketAddress& address);

/// At each of them, `127.0.0.1:25` or `[::1]:25`. One that this machine does not have (no IPv6) is passed
/// over, with a line in the log, as long as another one works.
Result<std::vector<Descriptor>> listen_on_each(const std::vector<std::string>& addresses);

/// See Acceptor::listen_unix.
Result<Descriptor> listen_on_path(const std::string& path, mode_t mode);

/// Checks that `fd` is a listening stream socket of TCP or unix, and makes it close-on-exec and non-blocking.
/// Answers its family, AF_INET, AF_INET6 or AF_UNIX.
Result<int> check_listening(int fd);

/// `127.0.0.1:25` or the path; empty when the system does not say.
std::string local_name(int fd);

}  // namespace mailchute
