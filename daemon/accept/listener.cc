#include "accept/listener.h"

#include <utility>

#include "base/log.h"
#include "smtp/server_replies.h"

namespace mailchute {

namespace {

/// Clients that are being turned away, beyond those that are served, in all and of one user; further ones
/// hear the refusal, and nobody waits for them to hear it.
constexpr std::size_t kRefusalsAtOnce = 256;
constexpr std::size_t kRefusalsOfAUser = 200;

}  // namespace

Listener::Listener(Loop& loop, const AcceptRules& rules, const AcceptTools& tools, WhoIsThere who_is_there)
    : loop_(loop), rules_(rules), tools_(tools), who_is_there_(std::move(who_is_there)) {
  tools_.count = &served_;
  tools_.room = &room_;
}

Listener::~Listener() = default;

void Listener::add(std::unique_ptr<Acceptor> acceptor, Entrance entrance) {
  Acceptor& added = *acceptors_.emplace_back(std::move(acceptor));
  log::listening(added.name());
  added.start([this, entrance](std::unique_ptr<Stream> stream, const PeerFacts& facts) {
    accepted(std::move(stream), entrance == Entrance::Submit ? local_caller(facts) : smtp_client(facts));
  });
}

void Listener::accepted(std::unique_ptr<Stream> stream, Caller caller) {
  auto refusal = tools_.doorkeeper == nullptr ? std::nullopt : tools_.doorkeeper->refusal(caller.source);
  if (!refusal)
    refusal = served_.refusal(caller.source, rules_.connections_max, rules_.connections_per_user_max);
  if (refusal && turned_away_.refusal(caller.source, kRefusalsAtOnce, kRefusalsOfAUser))
    return stream->write(reply_bytes(*refusal));  // What the system takes at once; then the stream closes.
  // One line for a flood, not one for each of its connections.
  if (refusal && !turned_away_.counts(caller.source))
    log::client_refused(caller_text(caller.source), refusal->text);
  ConnectionCount& count = refusal ? turned_away_ : served_;
  count.came(caller.source);
  auto connection = std::make_unique<Connection>(std::move(stream), std::move(caller), rules_, tools_,
                                                 [this](Connection& gone) { closed(gone); });
  Connection& entered = *connection;
  connections_.emplace(&entered, Entered{std::move(connection), count});
  refusal ? entered.refuse(*refusal) : entered.open();
}

Caller Listener::smtp_client(const PeerFacts& facts) {
  Source source;
  source.kind = "smtp";
  source.address = facts.peer;
  source.uid = facts.uid ? std::optional<std::uint32_t>(*facts.uid) : who_is_there_(facts);
  if (facts.pid) source.pid = *facts.pid;
  return {std::move(source), Sight::OwnMail};
}

void Listener::closed(Connection& connection) {
  const auto found = connections_.find(&connection);
  CHECK(found != connections_.end());
  found->second.counted_in.left(connection.source());
  loop_.retire(std::move(found->second.connection));
  connections_.erase(found);
  end_if_empty();
}

void Listener::shut_down(UniqueFunction<void()> done) {
  done_ = std::move(done);
  acceptors_.clear();
  std::vector<Connection*> open;
  for (const auto& [connection, owned] : connections_) open.push_back(connection);
  for (Connection* connection : open)
    if (connections_.contains(connection)) connection->shut_down();
  end_if_empty();
}

void Listener::end_if_empty() {
  if (!done_ || !connections_.empty()) return;
  loop_.defer(lifeline_.bind([done = std::exchange(done_, nullptr)]() mutable { done(); }));
}

}  // namespace mailchute
