// Names to addresses, through the system's resolver (/etc/hosts, resolv.conf, nsswitch) in libuv's threads,
// so that a name server which does not answer stops nobody. Loop thread only.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "base/lifeline.h"
#include "base/unique_function.h"
#include "net/address.h"
#include "net/loop.h"

namespace mailchute {

/// A lookup under way. Destroying it gives it up; its callback then never runs.
class Lookup {
 public:
  /// The addresses in the system's order of preference, at most kAddressesMax; or why there are none, in
  /// words.
  using Outcome = tl::expected<std::vector<SocketAddress>, std::string>;
  static constexpr std::size_t kAddressesMax =
      24;  // No provider publishes more; each costs a connection attempt.

  /// `host` is a name or an IP address without brackets; addresses need no name server. `then` never runs
  /// inside the call. It may destroy the Lookup.
  Lookup(Loop& loop, const std::string& host, std::uint16_t port, UniqueFunction<void(Outcome)> then);
  Lookup(const Lookup&) = delete;
  Lookup& operator=(const Lookup&) = delete;
  ~Lookup();

 private:
  struct Request;

  void begin(Loop& loop, const std::string& host, std::uint16_t port);
  void answer_later(Loop& loop, Outcome outcome);
  void answer(Outcome outcome);

  UniqueFunction<void(Outcome)> then_;
  Request* request_ = nullptr;  // Owned by libuv until its callback, which always comes.
  Lifeline lifeline_;
};

}  // namespace mailchute
