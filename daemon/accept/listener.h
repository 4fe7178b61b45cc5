// Where apps come in: the listening sockets and everyone who is connected through them. Loop thread only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

#include "accept/admission.h"
#include "accept/caller.h"
#include "accept/connection.h"
#include "accept/rules.h"
#include "base/unique_function.h"
#include "net/acceptor.h"

namespace mailchute {

/// Says which local user is at the other end of a TCP connection, where the kernel tells it.
using WhoIsThere = UniqueFunction<std::optional<std::uint32_t>(const PeerFacts&)>;

class Listener {
 public:
  /// `rules` may be replaced in place at reload: connections that come later go by the new ones. All
  /// references must outlive it.
  Listener(Loop& loop, const AcceptRules& rules, const AcceptTools& tools, WhoIsThere who_is_there);
  ~Listener();

  /// Takes connections from `acceptor` from now on. Those of all acceptors are counted together.
  void add(std::unique_ptr<Acceptor> acceptor, Entrance entrance);

  std::size_t connections() const { return connections_.size(); }

  /// Takes no more connections and ends those there are; `done` runs when the last is gone, never from inside
  /// the call.
  void shut_down(UniqueFunction<void()> done);

 private:
  void accepted(std::unique_ptr<Stream> stream, Caller caller);
  Caller smtp_client(const PeerFacts& facts);
  void closed(Connection& connection);
  void end_if_empty();

  Loop& loop_;
  const AcceptRules& rules_;
  AcceptTools tools_;
  EnvelopeRoom room_;  ///< Outlives the connections.
  WhoIsThere who_is_there_;
  std::vector<std::unique_ptr<Acceptor>> acceptors_;
  struct Entered {
    std::unique_ptr<Connection> connection;
    ConnectionCount& counted_in;
  };

  std::unordered_map<Connection*, Entered> connections_;
  ConnectionCount served_;
  ConnectionCount turned_away_;  ///< While they read why. They take nobody's place.
  UniqueFunction<void()> done_;
  Lifeline lifeline_;
};

}  // namespace mailchute
