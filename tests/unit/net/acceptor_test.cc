#include "net/acceptor.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <cstring>
#include <fstream>

#include "base/exit_codes.h"
#include "unit/net/loop_fixture.h"
#include "unit/net/sockets.h"

namespace mailchute {
namespace {

class AcceptorTest : public LoopTest {
 protected:
  void SetUp() override {
    char name[] = "/tmp/mailchute-net-XXXXXX";
    folder_ = mkdtemp(name);
    path_ = folder_ + "/socket";
  }
  void TearDown() override {
    unlink(path_.c_str());
    rmdir(folder_.c_str());
  }

  void keep(Acceptor& acceptor) {
    acceptor.start([this](std::unique_ptr<Stream> stream, const PeerFacts& facts) {
      streams_.push_back(std::move(stream));
      facts_.push_back(facts);
    });
  }

  Descriptor connect_unix() {
    Descriptor fd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strcpy(address.sun_path, path_.c_str());
    if (connect(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) return Descriptor();
    return fd;
  }

  std::string folder_;
  std::string path_;
  std::vector<std::unique_ptr<Stream>> streams_;
  std::vector<PeerFacts> facts_;
};

std::string name_of(int fd) {
  sockaddr_storage storage{};
  socklen_t size = sizeof storage;
  getsockname(fd, reinterpret_cast<sockaddr*>(&storage), &size);
  return SocketAddress::from(reinterpret_cast<const sockaddr&>(storage))->text();
}

TEST_F(AcceptorTest, AcceptsOnBothLoopbackFamilies) {
  for (const std::string ip : {"127.0.0.1", "::1"}) {
    const std::string address = ip == "::1" ? "[::1]:0" : "127.0.0.1:0";
    auto acceptor = Acceptor::listen_tcp(loop_, address);
    if (!acceptor && acceptor.error().code == exit_code::kNoSuchAddress) continue;  // A machine without IPv6.
    ASSERT_TRUE(acceptor) << acceptor.error().text;
    keep(**acceptor);

    const auto client = connect_to(ip, (*acceptor)->local_port());
    run_until([&] { return !streams_.empty(); });

    EXPECT_EQ(streams_.back()->peer(), name_of(client.get()));
    EXPECT_EQ(facts_.back().peer, name_of(client.get()));
    EXPECT_EQ(facts_.back().local, (*acceptor)->name());
    EXPECT_FALSE(facts_.back().uid);
    streams_.clear();
  }
}

TEST_F(AcceptorTest, WildcardListenerTellsTheAddressThatWasDialed) {
  auto acceptor = Acceptor::listen_tcp(loop_, "0.0.0.0:0");
  ASSERT_TRUE(acceptor);
  keep(**acceptor);
  const auto port = (*acceptor)->local_port();

  const auto client = connect_to("127.0.0.1", port);
  run_until([&] { return !streams_.empty(); });

  EXPECT_EQ(facts_.back().local, "127.0.0.1:" + std::to_string(port));
  streams_.clear();
}

TEST_F(AcceptorTest, AcceptedSocketsSendSmallWritesAtOnce) {
  auto acceptor = Acceptor::listen_tcp(loop_, "127.0.0.1:0");
  keep(**acceptor);

  const auto client = connect_to("127.0.0.1", (*acceptor)->local_port());
  run_until([&] { return !streams_.empty(); });

  int found = 0;
  for (int fd = 3; fd < 256; ++fd) {
    sockaddr_storage peer{};
    socklen_t size = sizeof peer;
    if (getpeername(fd, reinterpret_cast<sockaddr*>(&peer), &size) != 0) continue;
    const auto address = SocketAddress::from(reinterpret_cast<const sockaddr&>(peer));
    if (!address || address->text() != facts_.back().peer) continue;
    int nodelay = 0;
    socklen_t length = sizeof nodelay;
    getsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &nodelay, &length);
    EXPECT_NE(nodelay, 0);
    EXPECT_NE(fcntl(fd, F_GETFD) & FD_CLOEXEC, 0);
    ++found;
  }
  EXPECT_EQ(found, 1);
  streams_.clear();
}

TEST_F(AcceptorTest, PausedAcceptorLeavesConnectionsInTheSystemsQueue) {
  auto acceptor = Acceptor::listen_tcp(loop_, "127.0.0.1:0");
  keep(**acceptor);
  (*acceptor)->pause();

  const auto client = connect_to("127.0.0.1", (*acceptor)->local_port());
  settle();
  EXPECT_TRUE(streams_.empty());
  (*acceptor)->resume();
  run_until([&] { return !streams_.empty(); });

  EXPECT_EQ(streams_.size(), 1U);
  streams_.clear();
}

TEST_F(AcceptorTest, PauseInsideTheCallbackTakesNoMore) {
  auto acceptor = Acceptor::listen_tcp(loop_, "127.0.0.1:0");
  const auto port = (*acceptor)->local_port();
  (*acceptor)->start([&](std::unique_ptr<Stream> stream, const PeerFacts&) {
    streams_.push_back(std::move(stream));
    (*acceptor)->pause();
  });

  const auto first = connect_to("127.0.0.1", port);
  const auto second = connect_to("127.0.0.1", port);
  run_until([&] { return !streams_.empty(); });
  settle();

  EXPECT_EQ(streams_.size(), 1U);
  streams_.clear();
}

TEST_F(AcceptorTest, SaysWhyItCannotListen) {
  const auto malformed = Acceptor::listen_tcp(loop_, "::1:25");
  ASSERT_FALSE(malformed);
  EXPECT_EQ(malformed.error().code, 78);

  const auto elsewhere = Acceptor::listen_tcp(loop_, "192.0.2.1:0");
  ASSERT_FALSE(elsewhere);
  EXPECT_EQ(elsewhere.error().code, exit_code::kNoSuchAddress);

  const auto first = Acceptor::listen_tcp(loop_, "127.0.0.1:0");
  const auto second = Acceptor::listen_tcp(loop_, (*first)->name());
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().text, "cannot listen on " + (*first)->name() + ": address already in use");
}

TEST_F(AcceptorTest, UnixSocketHasItsModeAndKnowsItsPeer) {
  auto acceptor = Acceptor::listen_unix(loop_, path_, 0660);
  ASSERT_TRUE(acceptor) << acceptor.error().text;
  keep(**acceptor);
  struct stat made {};
  stat(path_.c_str(), &made);

  const auto client = connect_unix();
  run_until([&] { return !streams_.empty(); });

  EXPECT_EQ(made.st_mode & 07777, 0660U);
  EXPECT_EQ(facts_.back().uid, getuid());
  EXPECT_EQ(facts_.back().pid, getpid());
  EXPECT_EQ(facts_.back().local, path_);
  EXPECT_EQ(streams_.back()->peer(), "");
  streams_.clear();
}

TEST_F(AcceptorTest, UnixSocketIsRemovedAtTheEnd) {
  { auto acceptor = Acceptor::listen_unix(loop_, path_, 0600); }

  EXPECT_NE(access(path_.c_str(), F_OK), 0);
}

TEST_F(AcceptorTest, StaleUnixSocketIsReplaced) {
  {
    const Descriptor dead(socket(AF_UNIX, SOCK_STREAM, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strcpy(address.sun_path, path_.c_str());
    ASSERT_EQ(bind(dead.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  }

  const auto acceptor = Acceptor::listen_unix(loop_, path_, 0600);

  EXPECT_TRUE(acceptor);
}

TEST_F(AcceptorTest, LivingUnixSocketAndOtherFilesAreLeftAlone) {
  const auto living = Acceptor::listen_unix(loop_, path_, 0600);
  const auto second = Acceptor::listen_unix(loop_, path_, 0600);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().text, "cannot listen on " + path_ + ": another program listens there already");

  const auto file = folder_ + "/file";
  std::ofstream(file) << "precious";
  const auto over_file = Acceptor::listen_unix(loop_, file, 0600);
  ASSERT_FALSE(over_file);
  EXPECT_EQ(over_file.error().text, "cannot listen on " + file + ": a file that is no socket is there");
  EXPECT_EQ(access(file.c_str(), F_OK), 0);
  unlink(file.c_str());
}

TEST_F(AcceptorTest, PathTooLongForASocketIsAnError) {
  const auto acceptor = Acceptor::listen_unix(loop_, "/tmp/" + std::string(200, 'x'), 0600);

  ASSERT_FALSE(acceptor);
  EXPECT_NE(acceptor.error().text.find("1 to 107 bytes"), std::string::npos);
}

TEST_F(AcceptorTest, AdoptedSocketWorks) {
  std::uint16_t port = 0;
  auto acceptor = Acceptor::adopt(loop_, listening_socket(port));
  ASSERT_TRUE(acceptor) << acceptor.error().text;
  keep(**acceptor);

  const auto client = connect_to("127.0.0.1", port);
  run_until([&] { return !streams_.empty(); });

  EXPECT_EQ((*acceptor)->local_port(), port);
  streams_.clear();
}

TEST_F(AcceptorTest, AdoptedDescriptorOfTheWrongKindIsRefused) {  // P030
  const auto refusal = [&](int fd) { return Acceptor::adopt(loop_, Descriptor(fd)).error().text; };

  EXPECT_NE(refusal(socket(AF_INET, SOCK_DGRAM, 0)).find("is no stream socket"), std::string::npos);
  EXPECT_NE(refusal(socket(AF_INET, SOCK_STREAM, 0)).find("does not listen"), std::string::npos);
  EXPECT_NE(refusal(socket(AF_NETLINK, SOCK_RAW, 0)).find("is no stream socket"), std::string::npos);
  EXPECT_NE(refusal(open("/dev/null", O_RDONLY)).find("cannot be asked for its type"), std::string::npos);
  EXPECT_NE(refusal(999).find("is not open"), std::string::npos);
}

TEST_F(AcceptorTest, ClientsThatResetAtOnceLeaveNoDescriptorsBehind) {  // S005
  auto acceptor = Acceptor::listen_tcp(loop_, "127.0.0.1:0");
  std::vector<std::unique_ptr<Listener>> listeners;
  (*acceptor)->start([&](std::unique_ptr<Stream> stream, const PeerFacts&) {
    listeners.push_back(std::make_unique<Listener>());
    stream->start(*listeners.back());
    streams_.push_back(std::move(stream));
  });
  settle();
  const Descriptor before(dup(0));

  constexpr std::size_t kClients = 200;
  for (std::size_t i = 0; i < kClients; ++i) {
    const auto client = connect_to("127.0.0.1", (*acceptor)->local_port());
    const linger at_once{1, 0};
    setsockopt(client.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  }
  run_until([&] {
    return listeners.size() == kClients && std::all_of(listeners.begin(), listeners.end(),
                                                       [](const auto& one) { return one->end.has_value(); });
  });
  streams_.clear();
  settle();

  const Descriptor after(dup(0));
  EXPECT_EQ(after.get(), before.get() + 1);  // `before` itself is one more.
  EXPECT_EQ(listeners.front()->end->kind, StreamEnd::Kind::Failed);
}

/// Few descriptors for this process, until the end of the test.
class FewDescriptors {
 public:
  static constexpr int kCount = 64;

  FewDescriptors() {
    getrlimit(RLIMIT_NOFILE, &original_);
    rlimit low = original_;
    low.rlim_cur = kCount;
    setrlimit(RLIMIT_NOFILE, &low);
  }
  ~FewDescriptors() { setrlimit(RLIMIT_NOFILE, &original_); }

 private:
  rlimit original_{};
};

TEST_F(AcceptorTest, LeavesTheLastDescriptorsToOthersAndRecovers) {  // S152
  const FewDescriptors few;
  auto acceptor = Acceptor::listen_tcp(loop_, "127.0.0.1:0");
  keep(**acceptor);
  const auto port = (*acceptor)->local_port();
  std::vector<Descriptor> hoard;
  while (hoard.empty() || hoard.back().get() < FewDescriptors::kCount - Acceptor::kReservedDescriptors - 1) {
    hoard.emplace_back(dup(0));
  }
  std::vector<Descriptor> clients;
  for (int i = 0; i < 8; ++i) clients.push_back(connect_to("127.0.0.1", port));

  run_until([&] { return !streams_.empty(); });
  settle();
  const auto while_starved = streams_.size();
  const int timeout = uv_backend_timeout(loop_.raw());
  hoard.clear();
  run_until([&] { return streams_.size() == clients.size(); });

  EXPECT_EQ(while_starved, 1U);
  EXPECT_GT(timeout, 0);  // It sleeps meanwhile.
  streams_.clear();
}

TEST_F(AcceptorTest, WithoutAnyDescriptorItSleepsAndRecovers) {  // S152, S157
  const FewDescriptors few;
  auto acceptor = Acceptor::listen_tcp(loop_, "127.0.0.1:0");
  keep(**acceptor);
  settle();
  const auto client = connect_to("127.0.0.1", (*acceptor)->local_port());
  std::vector<Descriptor> hoard;
  while (hoard.empty() || hoard.back()) hoard.emplace_back(dup(0));

  settle();
  const auto while_starved = streams_.size();
  const int timeout = uv_backend_timeout(loop_.raw());
  hoard.clear();
  run_until([&] { return !streams_.empty(); });

  EXPECT_EQ(while_starved, 0U);
  EXPECT_GT(timeout, 0);
  streams_.clear();
}

}  // namespace
}  // namespace mailchute
