#include "net/acceptor.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>
#include <vector>

#include "base/exit_codes.h"
#include "base/log.h"
#include "net/address.h"
#include "net/listening.h"
#include "net/pipe_stream.h"
#include "net/tcp_stream.h"

namespace mailchute {

namespace {

/// Connections taken in one turn, so that a flood of them leaves the others their share.
constexpr int kAcceptsPerTurn = 32;

/// Failures in one turn after which it waits.
constexpr int kFailuresPerTurn = 8;

/// How long the system's queue is left alone when something ran out.
constexpr Duration kRest{200};

/// Trouble is said once in this time, in milliseconds, however often it returns.
constexpr std::uint64_t kWarningGapMs = 10'000;

/// Descriptors are given out lowest first, so a high number says that most are taken.
int ceiling_of_descriptors() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return 1024 - Acceptor::kReservedDescriptors;
  const auto most = static_cast<int>(std::min<rlim_t>(limit.rlim_cur, 1 << 30));
  return most - std::min(Acceptor::kReservedDescriptors, most / 4);
}

/// Errors that speak of one connection, or of the moment; accept(2) names the network's, which Linux passes
/// through.
bool passing(int error) {
  switch (error) {
    case EINTR:
    case ECONNABORTED:
    case EPROTO:
    case ENETDOWN:
    case ENOPROTOOPT:
    case EHOSTDOWN:
    case ENONET:
    case EHOSTUNREACH:
    case EOPNOTSUPP:
    case ENETUNREACH:
    case EPERM: return true;
    default: return false;
  }
}

ino_t inode_of(const std::string& path) {
  struct stat found {};
  return lstat(path.c_str(), &found) == 0 ? found.st_ino : 0;
}

/// Supplementary groups are told by SO_PEERGROUPS alone.
bool has_group(int connection, gid_t wanted) {
  socklen_t size = 0;
  if (getsockopt(connection, SOL_SOCKET, SO_PEERGROUPS, nullptr, &size) == 0 || errno != ERANGE) return false;
  std::vector<gid_t> groups(size / sizeof(gid_t));
  if (getsockopt(connection, SOL_SOCKET, SO_PEERGROUPS, groups.data(), &size) != 0) return false;
  return std::find(groups.begin(), groups.end(), wanted) != groups.end();
}

void learn_owner(int connection, PeerFacts& facts) {
  ucred owner{};
  socklen_t size = sizeof owner;
  if (getsockopt(connection, SOL_SOCKET, SO_PEERCRED, &owner, &size) != 0) return;
  facts.uid = owner.uid;
  facts.pid = owner.pid;
  const gid_t ours = getegid();
  if (owner.gid == ours || has_group(connection, ours)) facts.group = PeerFacts::Group::Ours;
}

}  // namespace

Result<std::unique_ptr<Acceptor>> Acceptor::listen_tcp(Loop& loop, const std::string& address) {
  const auto parsed = SocketAddress::parse(address);
  if (!parsed)
    return fail("cannot listen on '" + address + "': write ADDRESS:PORT, as in 127.0.0.1:25 or [::1]:25",
                exit_code::kConfiguration);
  auto listening = TRY(listen_on(*parsed));
  auto name = local_name(listening.get());
  return std::unique_ptr<Acceptor>(new Acceptor(loop, std::move(listening), Family::Tcp, std::move(name)));
}

Result<std::unique_ptr<Acceptor>> Acceptor::listen_unix(Loop& loop, const std::string& path, mode_t mode) {
  auto listening = TRY(listen_on_path(path, mode));
  std::unique_ptr<Acceptor> acceptor(new Acceptor(loop, std::move(listening), Family::Unix, path));
  acceptor->made_path_ = path;
  acceptor->made_inode_ = inode_of(path);
  return acceptor;
}

Result<std::unique_ptr<Acceptor>> Acceptor::adopt(Loop& loop, Descriptor listening) {
  const int family = TRY(check_listening(listening.get()));
  auto name = local_name(listening.get());
  return std::unique_ptr<Acceptor>(new Acceptor(
      loop, std::move(listening), family == AF_UNIX ? Family::Unix : Family::Tcp, std::move(name)));
}

Acceptor::Acceptor(Loop& loop, Descriptor listening, Family family, std::string name)
    : loop_(loop),
      listening_(std::move(listening)),
      family_(family),
      name_(std::move(name)),
      descriptor_ceiling_(ceiling_of_descriptors()),
      rest_(loop.make_alarm()) {
  const auto address = SocketAddress::parse(name_);
  any_address_ = family_ == Family::Tcp && (!address || address->any());
}

Acceptor::~Acceptor() {
  poll_.reset();
  // Only while it is still ours: a successor may already have put its own socket there.
  if (!made_path_.empty() && inode_of(made_path_) == made_inode_) unlink(made_path_.c_str());
}

void Acceptor::start(UniqueFunction<void(std::unique_ptr<Stream>, const PeerFacts&)> on_accept) {
  on_accept_ = std::move(on_accept);
  poll_ = std::make_unique<Poll>(loop_, listening_.get(), [this] { accept_some(); });
  if (paused_) poll_->pause();
}

void Acceptor::pause() {
  paused_ = true;
  if (poll_) poll_->pause();
}

void Acceptor::resume() {
  paused_ = false;
  if (poll_ && resting_ == Rest::No) poll_->resume();
}

std::uint16_t Acceptor::local_port() const {
  const auto address = SocketAddress::parse(name_);
  return address && family_ == Family::Tcp ? address->port() : 0;
}

void Acceptor::accept_some() {
  int failures = 0;
  for (int i = 0; i < kAcceptsPerTurn && !paused_ && resting_ == Rest::No; ++i) {
    const Accepted outcome = accept_one();
    if (outcome == Accepted::None) return;
    // A connection that broke while it waited is one; a row of them without end would be a busy loop.
    if (outcome == Accepted::Broken && ++failures == kFailuresPerTurn) rest("accept keeps failing");
  }
}

Acceptor::Accepted Acceptor::accept_one() {
  sockaddr_storage storage{};
  socklen_t size = sizeof storage;
  Descriptor connection(
      accept4(listening_.get(), reinterpret_cast<sockaddr*>(&storage), &size, SOCK_CLOEXEC | SOCK_NONBLOCK));
  if (!connection) {
    if (errno == EAGAIN) return Accepted::None;
    if (!passing(errno)) rest(std::strerror(errno));
    return Accepted::Broken;
  }

  const int number = connection.get();
  PeerFacts facts;
  facts.local = local_of(number);
  if (family_ == Family::Unix) learn_owner(number, facts);
  if (const auto address = SocketAddress::from(reinterpret_cast<const sockaddr&>(storage)))
    facts.peer = address->text();
  if (number >= descriptor_ceiling_) rest("nearly all descriptors are in use");
  hand_over(std::move(connection), std::move(facts));
  return Accepted::One;
}

void Acceptor::hand_over(Descriptor connection, PeerFacts facts) {
  const auto take = [&]() -> Result<std::unique_ptr<Stream>> {
    if (family_ == Family::Unix) return TRY(PipeStream::adopt(loop_, std::move(connection)));
    return TRY(TcpStream::accepted(loop_, std::move(connection), facts.peer));
  };
  auto stream = take();
  if (!stream) return rest(stream.error().text);
  on_accept_(std::move(*stream), facts);
}

void Acceptor::rest(const std::string& why) {
  const auto now = uv_now(loop_.raw());
  if (!warned_ || now - *warned_ >= kWarningGapMs) {
    log::note(log::Level::Warning, "accept_waits", name_ + ": " + why);
    warned_ = now;
  }
  resting_ = Rest::Yes;
  poll_->pause();
  rest_->set(kRest, [this] { after_rest(); });
}

void Acceptor::after_rest() {
  if (starved()) return rest_->set(kRest, [this] { after_rest(); });
  resting_ = Rest::No;
  if (!paused_) poll_->resume();
}

bool Acceptor::starved() const {
  const Descriptor lowest_free(fcntl(listening_.get(), F_DUPFD_CLOEXEC, 0));
  return !lowest_free || lowest_free.get() >= descriptor_ceiling_;
}

std::string Acceptor::local_of(int connection) const { return any_address_ ? local_name(connection) : name_; }

}  // namespace mailchute
