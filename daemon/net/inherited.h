// Sockets that systemd opened for us and passes by name (sd_listen_fds(3)): the privileged port is bound
// before we start, and stays bound while we restart. At start only, before there are threads.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/descriptor.h"
#include "base/result.h"

namespace mailchute {

struct InheritedSocket {
  std::string name;  ///< FileDescriptorName=: `smtp`, `submit`, `control`; several may share one.
  Descriptor socket;
};

/// Takes over what was passed to this process, closes it on exec, and clears LISTEN_PID, LISTEN_FDS and
/// LISTEN_FDNAMES so that no child believes it is meant. Nothing when the variables speak of another process;
/// an error when they make no sense.
Result<std::vector<InheritedSocket>> take_inherited();

/// Fails on a socket that does not listen, or is not of the kind that its name is for: `smtp` of TCP,
/// `submit` and `control` of unix, where the kernel says who is at the other end. One of another name is told
/// in the log.
Result<void> check_inherited(const std::vector<InheritedSocket>& sockets);

/// Closes every descriptor from 3 on that was not passed to this process by these variables: what a shell or
/// a parent forgot is neither kept open nor passed on.
void close_strays();

/// The names of the passed descriptors, which begin at 3. Pure. The arguments are the three variables, and
/// our own pid.
Result<std::vector<std::string>> inherited_names(const std::optional<std::string>& listen_pid,
                                                 const std::optional<std::string>& listen_fds,
                                                 const std::optional<std::string>& listen_fdnames,
                                                 long own_pid);

}  // namespace mailchute
