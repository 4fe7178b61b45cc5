// The client contexts of the dialer, one for each set of roots, loaded once and again when their file has
// changed. Loop thread only.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "base/result.h"
#include "net/tls_context.h"

namespace mailchute {

/// A file that cannot be read any more leaves the roots that were loaded from it in force, and is logged
/// once; there is never a moment without verification.
class TlsRoots {
 public:
  /// The context for `ca_file`, or for the system's roots when it is empty. Looks at the file's date and size
  /// each time, reads it when they have changed. The context is valid until the next call.
  Result<const TlsClientContext*> of(const std::string& ca_file);

  /// Reads the file again now; an error leaves things as they are.
  Result<void> reload(const std::string& ca_file);

 private:
  /// What tells one state of a file from another.
  struct Stamp {
    long long modified_ns = 0;
    long long bytes = -1;
    unsigned long long inode = 0;
    bool operator==(const Stamp&) const = default;
  };
  struct Loaded {
    std::unique_ptr<TlsClientContext> context;
    Stamp stamp;
  };
  static Stamp stamp_of(const std::string& ca_file);

  std::map<std::string, Loaded> loaded_;  // As many as configured upstreams have different files.
};

}  // namespace mailchute
