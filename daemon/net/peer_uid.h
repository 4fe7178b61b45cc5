// Who is at the other end of a TCP connection from this machine: asks the kernel for the owner of the
// client's socket (NETLINK_SOCK_DIAG). Loop thread only.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>

#include "base/descriptor.h"

namespace mailchute {

/// One question is two system calls of some microseconds, answered by the kernel before the first returns: no
/// waiting.
class PeerUid {
 public:
  PeerUid();

  /// The uid of the socket whose own address is `client` and whose peer is `server`, both as
  /// `127.0.0.1:51234`. Empty when it is not known: the client is gone (the kernel would then say 0, which is
  /// nobody's name), is on another machine or in another network namespace, or the kernel does not answer.
  /// Ask when the connection is accepted: a socket can be passed on.
  std::optional<uid_t> owner(const std::string& client, const std::string& server);

 private:
  Descriptor netlink_;  // None where the system forbids it.
  std::uint32_t sequence_ = 0;
};

}  // namespace mailchute
