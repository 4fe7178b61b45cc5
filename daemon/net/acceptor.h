// Listens, and hands over what connects: TCP on an address, a unix socket in the file system, or a listening
// socket that systemd made. Decides nothing about who may speak. Loop thread only.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/descriptor.h"
#include "base/result.h"
#include "base/unique_function.h"
#include "net/loop.h"
#include "net/poll.h"
#include "net/stream.h"

namespace mailchute {

/// Who connected.
struct PeerFacts {
  std::string peer;          ///< `127.0.0.1:51234`; empty for a unix socket.
  std::string local;         ///< Our end: `127.0.0.1:25`, or the path of the unix socket.
  std::optional<uid_t> uid;  ///< Of a unix peer (SO_PEERCRED); for TCP ask PeerUid.
  std::optional<pid_t> pid;
  /// Whether the user of a unix peer is a member of this process's group.
  enum class Group { Other, Ours } group = Group::Other;
};

/// When the process runs out of descriptors or the system out of memory, connections stay in the system's
/// queue and are taken some tenths of a second later: no busy loop, no lost client. The last
/// kReservedDescriptors are left to the rest of the program, so that delivery can go on and make room.
class Acceptor {
 public:
  static constexpr int kReservedDescriptors = 16;

  /// `address` is `127.0.0.1:25` or `[::1]:25`; port 0 lets the system choose. IPv6 sockets take IPv6 only.
  /// The error's code is kNoSuchAddress when this machine lacks the address (no ::1), 77 when the port is not
  /// allowed.
  static Result<std::unique_ptr<Acceptor>> listen_tcp(Loop& loop, const std::string& address);

  /// Makes the socket with `mode`. A socket left behind by a dead process is replaced; one that answers, and
  /// any other kind of file, is not. The path is removed when the Acceptor goes.
  static Result<std::unique_ptr<Acceptor>> listen_unix(Loop& loop, const std::string& path, mode_t mode);

  /// Takes a socket that somebody else made; it must be a listening stream socket of TCP or unix.
  static Result<std::unique_ptr<Acceptor>> adopt(Loop& loop, Descriptor listening);

  Acceptor(const Acceptor&) = delete;
  Acceptor& operator=(const Acceptor&) = delete;
  ~Acceptor();

  /// Begins to accept. `on_accept` may pause, resume and retire the Acceptor, but not destroy it.
  void start(UniqueFunction<void(std::unique_ptr<Stream>, const PeerFacts&)> on_accept);

  /// Leaves connections in the system's queue, and takes them again.
  void pause();
  void resume();

  /// 0 for a unix socket.
  std::uint16_t local_port() const;

  /// `127.0.0.1:25` or the path, for logs.
  const std::string& name() const { return name_; }

 private:
  enum class Family { Tcp, Unix };
  Acceptor(Loop& loop, Descriptor listening, Family family, std::string name);

  void accept_some();
  enum class Accepted { One, Broken, None };
  Accepted accept_one();
  void hand_over(Descriptor connection, PeerFacts facts);
  void rest(const std::string& why);
  void after_rest();
  bool starved() const;
  std::string local_of(int connection) const;

  Loop& loop_;
  Descriptor listening_;
  Family family_;
  std::string name_;
  bool any_address_ = false;  // The local address of each connection must be asked for.
  int descriptor_ceiling_;
  UniqueFunction<void(std::unique_ptr<Stream>, const PeerFacts&)> on_accept_;
  std::unique_ptr<Poll> poll_;
  std::unique_ptr<Alarm> rest_;
  enum class Rest { No, Yes } resting_ = Rest::No;
  bool paused_ = false;
  std::optional<std::uint64_t> warned_;  // The loop's milliseconds.
  std::string made_path_;                // Ours to remove.
  ino_t made_inode_ = 0;
};

}  // namespace mailchute
