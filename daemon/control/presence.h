// Whether the daemon runs, to be found out by anybody without a connection: systemd holds the control socket
// of a daemon that was stopped, and would start it for whoever connects. The daemon keeps a file beside its
// control socket, `control.sock.pid`, with its process's number in it and a lock on it, which the kernel
// takes away with the process, however that ends. Any thread.
#pragma once

#include <string>
#include <utility>

#include "base/descriptor.h"
#include "base/result.h"

namespace mailchute {

/// The daemon's half: it is there as long as this is.
class Presence {
 public:
  /// What another left behind is replaced: only for who has found nobody present. Fails with code 73.
  static Result<Presence> announce(const std::string& control_path);

  Presence(Presence&& other) noexcept
      : path_(std::exchange(other.path_, {})), file_(std::move(other.file_)) {}
  Presence& operator=(Presence&& other) = delete;
  ~Presence();

 private:
  Presence(std::string path, Descriptor file) : path_(std::move(path)), file_(std::move(file)) {}

  std::string path_;
  Descriptor file_;
};

/// The commands' half. Takes no lock, and needs no right but to read the file. Without such a file none runs.
bool daemon_is_present(const std::string& control_path);

}  // namespace mailchute
