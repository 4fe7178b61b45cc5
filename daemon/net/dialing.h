// One attempt to reach a host: looks its name up, then tries its addresses, several at once if need be, until
// one connects. A small state machine without policy about what is tried when; that is deliver's. Loop thread
// only.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/lifeline.h"
#include "base/unique_function.h"
#include "net/address.h"
#include "net/dialer.h"
#include "net/loop.h"
#include "net/resolver.h"

namespace mailchute {

/// IPv6 and IPv4 taken in turn, beginning with the family that the system prefers (RFC 8305 4): a network
/// whose IPv6 goes nowhere costs a quarter of a second, not a timeout for each address.
std::vector<SocketAddress> interleaved(const std::vector<SocketAddress>& addresses);

class SystemDialing final : public Dialing {
 public:
  using Outcome = tl::expected<std::unique_ptr<Stream>, DialFault>;

  /// `then` never runs inside the call, and may destroy this object. Addresses that lead to one of `own` are
  /// passed over.
  SystemDialing(Loop& loop, std::string host, std::uint16_t port, Duration patience,
                std::vector<SocketAddress> own, UniqueFunction<void(Outcome)> then);
  SystemDialing(const SystemDialing&) = delete;
  SystemDialing& operator=(const SystemDialing&) = delete;
  ~SystemDialing() override;

  void when_resolved(UniqueFunction<void(const std::vector<std::string>&)> told) override {
    told_ = std::move(told);
  }

 private:
  struct Attempt;

  void resolved(Lookup::Outcome outcome);
  void tell_addresses();
  void pass_over_our_own();
  void try_next();
  int connect(Attempt& attempt);
  void ended(Attempt& attempt, int status);
  bool all_failed() const;
  void out_of_time();
  DialFault fault() const;
  void conclude(Outcome outcome);

  Loop& loop_;
  std::string host_;
  Duration patience_;
  UniqueFunction<void(Outcome)> then_;
  UniqueFunction<void(const std::vector<std::string>&)> told_;
  std::vector<SocketAddress> own_;
  std::unique_ptr<Lookup> lookup_;
  std::vector<SocketAddress> addresses_;
  std::vector<std::unique_ptr<Attempt>> attempts_;  // One for each of the first addresses_.
  std::unique_ptr<Alarm> out_of_time_;
  std::unique_ptr<Alarm> next_attempt_;
  bool concluded_ = false;
  Lifeline lifeline_;
};

}  // namespace mailchute
