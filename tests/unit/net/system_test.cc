// Signals, watched descriptors, the owner of a socket, and what systemd passes and hears.
#include <gtest/gtest.h>
#include <sys/un.h>
#include <sys/wait.h>

#include <csignal>
#include <cstring>

#include "net/acceptor.h"
#include "net/inherited.h"
#include "net/notify.h"
#include "net/peer_uid.h"
#include "net/poll.h"
#include "net/signals.h"
#include "unit/net/loop_fixture.h"
#include "unit/net/sockets.h"

namespace mailchute {
namespace {

class SignalsTest : public LoopTest {};

TEST_F(SignalsTest, SignalBecomesACallOnTheLoop) {
  Signals signals(loop_);
  std::string heard;
  signals.on(SIGHUP, [&] { heard += "hup "; });
  signals.on(SIGTERM, [&] { heard += "term "; });

  std::raise(SIGHUP);
  run_until([&] { return heard == "hup "; });
  std::raise(SIGTERM);
  run_until([&] { return heard == "hup term "; });
  std::raise(SIGHUP);
  run_until([&] { return heard == "hup term hup "; });
}

class PollTest : public LoopTest {};

TEST_F(PollTest, CallsWhileThereIsSomethingToReadUnlessPaused) {
  int pair[2];
  ASSERT_EQ(pipe2(pair, O_CLOEXEC | O_NONBLOCK), 0);
  const Descriptor reading(pair[0]);
  const Descriptor writing(pair[1]);
  int calls = 0;
  Poll poll(loop_, reading.get(), [&] { ++calls; });

  settle();
  EXPECT_EQ(calls, 0);
  ASSERT_EQ(write(writing.get(), "x", 1), 1);
  run_until([&] { return calls > 0; });
  poll.pause();
  const int before = calls;
  settle();
  EXPECT_EQ(calls, before);
  poll.resume();
  run_until([&] { return calls > before; });
}

class PeerUidTest : public LoopTest {
 protected:
  /// False on a machine without this address.
  bool accept_on(const std::string& address) {
    auto made = Acceptor::listen_tcp(loop_, address);
    if (!made) return false;
    acceptor_ = std::move(*made);
    acceptor_->start([this](std::unique_ptr<Stream> stream, const PeerFacts& facts) {
      stream_ = std::move(stream);
      facts_ = facts;
    });
    return true;
  }

  PeerUid peer_uid_;
  std::unique_ptr<Acceptor> acceptor_;
  std::unique_ptr<Stream> stream_;
  PeerFacts facts_;
};

TEST_F(PeerUidTest, OwnerOfAConnectedClientIsKnownOnBothFamilies) {
  for (const std::string ip : {"127.0.0.1", "::1"}) {
    if (!accept_on(ip == "::1" ? "[::1]:0" : "127.0.0.1:0")) continue;
    const auto client = connect_to(ip, acceptor_->local_port());
    run_until([&] { return stream_ != nullptr; });

    EXPECT_EQ(peer_uid_.owner(facts_.peer, facts_.local), getuid()) << ip;
    stream_.reset();
  }
}

TEST_F(PeerUidTest, ClientsIpv6SocketThatSpeaksIpv4IsKnownToo) {
  ASSERT_TRUE(accept_on("127.0.0.1:0"));
  const auto address = SocketAddress::numeric("::ffff:127.0.0.1", acceptor_->local_port());
  const Descriptor client(socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!client) GTEST_SKIP() << "no IPv6 here";
  ASSERT_EQ(connect(client.get(), address->raw(), address->size()), 0);
  run_until([&] { return stream_ != nullptr; });

  EXPECT_EQ(peer_uid_.owner(facts_.peer, facts_.local), getuid());
}

TEST_F(PeerUidTest, ClientOfAnotherUserIsThatUser) {
  if (getuid() != 0) GTEST_SKIP() << "needs root to become somebody else";
  ASSERT_TRUE(accept_on("127.0.0.1:0"));
  Descriptor client(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  ASSERT_EQ(fchown(client.get(), 4711, 4711), 0);  // What a socket of that user's process looks like.
  const auto address = SocketAddress::numeric("127.0.0.1", acceptor_->local_port());
  ASSERT_EQ(connect(client.get(), address->raw(), address->size()), 0);
  run_until([&] { return stream_ != nullptr; });

  EXPECT_EQ(peer_uid_.owner(facts_.peer, facts_.local), 4711U);
}

TEST_F(PeerUidTest, ClientThatHasClosedIsNobodyAndNotRoot) {  // L002
  ASSERT_TRUE(accept_on("127.0.0.1:0"));
  {
    const auto client = connect_to("127.0.0.1", acceptor_->local_port());
    run_until([&] { return stream_ != nullptr; });
  }

  EXPECT_EQ(peer_uid_.owner(facts_.peer, facts_.local), std::nullopt);
}

TEST_F(PeerUidTest, QuestionsWithoutAConnectionAreUnknown) {
  ASSERT_TRUE(accept_on("127.0.0.1:0"));
  const auto listening = acceptor_->name();

  EXPECT_EQ(peer_uid_.owner("127.0.0.1:1", listening), std::nullopt);
  EXPECT_EQ(peer_uid_.owner(listening, "127.0.0.1:1"),
            std::nullopt);  // The kernel would offer the listening socket.
  EXPECT_EQ(peer_uid_.owner("192.0.2.1:1", listening), std::nullopt);
  EXPECT_EQ(peer_uid_.owner("[::1]:1", listening), std::nullopt);
  EXPECT_EQ(peer_uid_.owner("", ""), std::nullopt);
}

std::string joined(const Result<std::vector<std::string>>& names) {
  if (!names) return "error: " + names.error().text;
  std::string text;
  for (const auto& name : *names) text += name + ' ';
  return text;
}

TEST(InheritedNames, AreTakenWhenTheySpeakOfUs) {  // P030
  EXPECT_EQ(joined(inherited_names("7", "3", "smtp:smtp:submit", 7)), "smtp smtp submit ");
  EXPECT_EQ(joined(inherited_names("7", "2", std::nullopt, 7)), "unknown unknown ");
  EXPECT_EQ(joined(inherited_names("7", "1", "", 7)), " ");
  EXPECT_EQ(joined(inherited_names("7", "0", "", 7)), "");
  EXPECT_EQ(joined(inherited_names("8", "3", "a:b:c", 7)), "");
  EXPECT_EQ(joined(inherited_names(std::nullopt, "3", "a:b:c", 7)), "");
  EXPECT_EQ(joined(inherited_names("7", std::nullopt, std::nullopt, 7)), "");
}

TEST(InheritedNames, NonsenseIsAnError) {  // P030
  EXPECT_EQ(joined(inherited_names("7", "2", "smtp", 7)),
            "error: LISTEN_FDNAMES has 1 names for 2 descriptors");
  EXPECT_EQ(joined(inherited_names("7", "-1", "smtp", 7)), "error: LISTEN_FDS '-1' is no number up to 64");
  EXPECT_EQ(joined(inherited_names("7", "1000", "smtp", 7)),
            "error: LISTEN_FDS '1000' is no number up to 64");
  EXPECT_EQ(joined(inherited_names("x", "1", "smtp", 7)), "error: LISTEN_PID 'x' is no number");
}

/// Runs `inside` in a child, which may rearrange its descriptors and environment; true when it answered true.
bool in_child(const std::function<bool()>& inside) {
  const pid_t child = fork();
  if (child == 0) _exit(inside() ? 0 : 1);
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

TEST(Inherited, SocketIsTakenOverAndTheEnvironmentCleared) {
  EXPECT_TRUE(in_child([] {
    std::uint16_t port = 0;
    const int listening = listening_socket(port).release();
    dup2(listening, 3);
    setenv("LISTEN_PID", std::to_string(getpid()).c_str(), 1);
    setenv("LISTEN_FDS", "1", 1);
    setenv("LISTEN_FDNAMES", "smtp", 1);

    const auto sockets = take_inherited();

    return sockets && sockets->size() == 1 && sockets->front().name == "smtp" &&
           sockets->front().socket.get() == 3 && (fcntl(3, F_GETFD) & FD_CLOEXEC) != 0 &&
           !getenv("LISTEN_PID") && !getenv("LISTEN_FDS") && !getenv("LISTEN_FDNAMES");
  }));
}

/// Under a name that the system chooses (unix(7), autobind).
Descriptor listening_unix_socket() {
  Descriptor made(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const sockaddr nameless{AF_UNIX, {}};
  EXPECT_EQ(::bind(made.get(), &nameless, sizeof(sa_family_t)), 0);
  EXPECT_EQ(::listen(made.get(), 1), 0);
  return made;
}

TEST(Inherited, EachNameIsForOneKindOfSocket) {  // P030
  std::uint16_t port = 0;
  const auto checked = [](const char* name, Descriptor socket) {
    std::vector<InheritedSocket> sockets;
    sockets.push_back({name, std::move(socket)});
    const auto result = check_inherited(sockets);
    return result ? std::string() : result.error().text;
  };

  EXPECT_EQ(checked("smtp", listening_socket(port)), "");
  EXPECT_EQ(checked("submit", listening_unix_socket()), "");
  EXPECT_EQ(checked("what", listening_socket(port)), "");
  EXPECT_NE(checked("smtp", listening_unix_socket()).find("one of unix"), std::string::npos);
  EXPECT_NE(checked("submit", listening_socket(port)).find("one of TCP"), std::string::npos);
  EXPECT_NE(checked("control", listening_socket(port)).find("one of TCP"), std::string::npos);
  EXPECT_NE(checked("smtp", Descriptor(::socket(AF_INET, SOCK_STREAM, 0))).find("does not listen"),
            std::string::npos);
}

TEST(Inherited, PromisedDescriptorThatIsNotOpenIsAnError) {
  EXPECT_TRUE(in_child([] {
    close(3);
    setenv("LISTEN_PID", std::to_string(getpid()).c_str(), 1);
    setenv("LISTEN_FDS", "1", 1);
    unsetenv("LISTEN_FDNAMES");

    return !take_inherited();
  }));
}

class NotifierTest : public testing::Test {
 protected:
  void SetUp() override {
    address_ = "@mailchute-net-test-" + std::to_string(getpid());
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path + 1, address_.data() + 1, address_.size() - 1);
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + address_.size());
    systemd_ = Descriptor(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    ASSERT_EQ(bind(systemd_.get(), reinterpret_cast<sockaddr*>(&address), size), 0);
    setenv("NOTIFY_SOCKET", address_.c_str(), 1);
  }
  void TearDown() override { unsetenv("NOTIFY_SOCKET"); }

  std::string heard() {
    char buffer[512];
    const auto count = recv(systemd_.get(), buffer, sizeof buffer, MSG_DONTWAIT);
    return count > 0 ? std::string(buffer, static_cast<std::size_t>(count)) : std::string();
  }

  std::string address_;
  Descriptor systemd_;
};

TEST_F(NotifierTest, TellsAnAbstractSocketAndClearsTheEnvironment) {  // P031
  auto notifier = Notifier::from_environment();

  EXPECT_EQ(getenv("NOTIFY_SOCKET"), nullptr);
  notifier.ready();
  EXPECT_EQ(heard(), "READY=1");
  notifier.status("3 queued\nREADY=1");
  EXPECT_EQ(heard(), "STATUS=3 queued READY=1");
  notifier.watchdog();
  EXPECT_EQ(heard(), "WATCHDOG=1");
  notifier.reloading();
  EXPECT_EQ(heard().find("RELOADING=1\nMONOTONIC_USEC="), 0U);
  notifier.stopping();
  EXPECT_EQ(heard(), "STOPPING=1");
}

TEST_F(NotifierTest, NobodyAndNonsenseAreSilentlyBorne) {  // P031
  Notifier nobody;
  nobody.ready();
  for (const std::string& bogus :
       {std::string(), std::string("relative"), std::string("/nonexistent/socket"), std::string(500, '/')}) {
    setenv("NOTIFY_SOCKET", bogus.c_str(), 1);
    auto notifier = Notifier::from_environment();
    notifier.ready();
  }

  EXPECT_EQ(heard(), "");
}

TEST_F(NotifierTest, WatchdogIsHeededWhenItWatchesUs) {
  setenv("WATCHDOG_USEC", "30000000", 1);
  setenv("WATCHDOG_PID", std::to_string(getpid()).c_str(), 1);
  EXPECT_EQ(Notifier::from_environment().watchdog_patience(), Duration(30'000));
  EXPECT_EQ(Notifier::from_environment().watchdog_patience(), std::nullopt);

  setenv("WATCHDOG_USEC", "30000000", 1);
  setenv("WATCHDOG_PID", "1", 1);
  EXPECT_EQ(Notifier::from_environment().watchdog_patience(), std::nullopt);

  setenv("WATCHDOG_USEC", "soon", 1);
  EXPECT_EQ(Notifier::from_environment().watchdog_patience(), std::nullopt);
}

}  // namespace
}  // namespace mailchute
