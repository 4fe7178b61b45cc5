#include "net/stream.h"

#include <gtest/gtest.h>

#include "net/pipe_stream.h"
#include "net/tcp_stream.h"
#include "unit/net/loop_fixture.h"
#include "unit/net/sockets.h"

namespace mailchute {
namespace {

/// A TCP stream and the raw socket at its other end.
class SocketStream : public LoopTest {
 protected:
  void SetUp() override {
    std::uint16_t port = 0;
    const auto listening = listening_socket(port);
    other_ = connect_to("127.0.0.1", port);
    Descriptor accepted(accept4(listening.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    stream_ = std::move(*TcpStream::accepted(loop_, std::move(accepted), "127.0.0.1:9"));
  }

  void say(std::string_view text) {
    ASSERT_EQ(send(other_.get(), text.data(), text.size(), MSG_NOSIGNAL), text.size());
  }

  Descriptor other_;
  std::unique_ptr<Stream> stream_;
  Listener listener_;
};

TEST_F(SocketStream, CarriesBytesBothWaysAndEndsCleanly) {
  stream_->start(listener_);

  say("EHLO client\r\n");
  run_until([&] { return !listener_.received.empty(); });
  stream_->write("250 relay\r\n");
  EXPECT_EQ(stream_->pending_bytes(), 0U);  // It went straight to the system.
  EXPECT_EQ(read_now(other_), "250 relay\r\n");
  shutdown(other_.get(), SHUT_WR);
  run_until([&] { return listener_.end.has_value(); });

  EXPECT_EQ(listener_.received, "EHLO client\r\n");
  EXPECT_EQ(listener_.end->kind, StreamEnd::Kind::Clean);
  EXPECT_FALSE(listener_.end->handshake);
}

TEST_F(SocketStream, StillSendsToAPeerThatHasOnlyStoppedTalking) {
  stream_->start(listener_);
  shutdown(other_.get(), SHUT_WR);
  run_until([&] { return listener_.end.has_value(); });

  stream_->write("250 queued\r\n");

  EXPECT_EQ(read_now(other_), "250 queued\r\n");
}

TEST_F(SocketStream, LargeWriteDrainsAndKeepsItsOrder) {
  stream_->start(listener_);
  const std::string first(6 << 20, 'a');
  const std::string second(1 << 20, 'b');

  stream_->write(first);
  const auto pending = stream_->pending_bytes();
  stream_->write(second);
  EXPECT_EQ(stream_->pending_bytes(), pending + second.size());
  std::string arrived;
  run_until([&] {
    arrived += read_now(other_);
    return arrived.size() == first.size() + second.size() && listener_.drained > 0;
  });

  EXPECT_GT(pending, 0U);
  EXPECT_TRUE(arrived == first + second);
  EXPECT_EQ(listener_.drained, 1);
  EXPECT_EQ(stream_->pending_bytes(), 0U);
}

TEST_F(SocketStream, PauseLeavesTheSocketUnread) {
  stream_->start(listener_);
  stream_->pause();

  say("waits");
  settle();
  EXPECT_EQ(listener_.received, "");
  stream_->resume();
  run_until([&] { return !listener_.received.empty(); });

  EXPECT_EQ(listener_.received, "waits");
}

TEST_F(SocketStream, FinishFlushesAndThenSaysGoodbye) {
  stream_->start(listener_);
  const std::string large(6 << 20, 'x');

  stream_->write(large);
  stream_->write("221 bye\r\n");
  stream_->finish();
  stream_->write("never sent");
  std::string arrived;
  run_until([&] {
    arrived += read_now(other_);
    return at_end(other_);
  });
  other_.reset();
  run_until([&] { return listener_.end.has_value(); });

  EXPECT_TRUE(arrived == large + "221 bye\r\n");
}

TEST_F(SocketStream, FinishHearsThePeerEvenWhenPaused) {
  stream_->start(listener_);
  stream_->pause();

  stream_->finish();
  other_.reset();
  run_until([&] { return listener_.end.has_value(); });

  EXPECT_EQ(listener_.end->kind, StreamEnd::Kind::Clean);
}

TEST_F(SocketStream, PeersLastWordsAreReadBeforeTheResetIsReported) {
  stream_->start(listener_);
  say("421 too busy\r\n");
  other_.reset();

  stream_->write("EHLO relay\r\n");       // The first write to a closed socket is answered by a reset,
  stream_->write("MAIL FROM:<a@b>\r\n");  // and the second may fail at once.
  run_until([&] { return listener_.end.has_value(); });

  EXPECT_EQ(listener_.received, "421 too busy\r\n");
}

TEST_F(SocketStream, ResetIsAFailureInWords) {
  stream_->start(listener_);
  const linger at_once{1, 0};
  setsockopt(other_.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  other_.reset();

  run_until([&] { return listener_.end.has_value(); });

  EXPECT_EQ(listener_.end->kind, StreamEnd::Kind::Failed);
  EXPECT_EQ(listener_.end->text, "connection reset by peer");
}

TEST_F(SocketStream, WriteToADeadPeerIsReportedEvenWhilePaused) {
  stream_->start(listener_);
  stream_->pause();
  const linger at_once{1, 0};
  setsockopt(other_.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  other_.reset();

  stream_->write("250 ok\r\n");
  EXPECT_FALSE(listener_.end);  // Never inside write().
  run_until([&] { return listener_.end.has_value(); });

  EXPECT_EQ(listener_.end->kind, StreamEnd::Kind::Failed);
}

TEST_F(SocketStream, SecondStartHandsOverToAnotherUser) {
  Listener second;
  listener_.on_input = [&] { stream_->start(second); };
  stream_->start(listener_);

  say("one");
  run_until([&] { return !listener_.received.empty(); });
  say("two");
  run_until([&] { return !second.received.empty(); });

  EXPECT_EQ(listener_.received, "one");
  EXPECT_EQ(second.received, "two");
}

TEST_F(SocketStream, MayBeRetiredInsideItsCallback) {
  listener_.on_input = [&] { loop_.retire(std::move(stream_)); };
  stream_->start(listener_);

  say("x");
  run_until([&] { return at_end(other_); });

  EXPECT_EQ(stream_, nullptr);
}

TEST_F(SocketStream, SurvivesEvenDestructionInsideItsCallback) {
  listener_.on_input = [&] { stream_.reset(); };
  stream_->start(listener_);

  say("x");
  run_until([&] { return at_end(other_); });

  EXPECT_EQ(stream_, nullptr);
}

TEST_F(SocketStream, DestructionWithBytesUnderWayIsQuiet) {
  stream_->start(listener_);
  stream_->write(std::string(6 << 20, 'x'));
  stream_->write("more");

  stream_.reset();
  settle();

  EXPECT_FALSE(listener_.end);
}

TEST_F(SocketStream, UrgentByteDoesNotShiftTheOthers) {  // S160
  stream_->start(listener_);

  say("NO");
  ASSERT_EQ(send(other_.get(), "!", 1, MSG_OOB), 1);
  say("OP\r\n");
  run_until([&] { return listener_.received.size() >= 6; });

  EXPECT_EQ(listener_.received, "NOOP\r\n");
}

TEST_F(SocketStream, UnixSocketCarriesBytesToo) {
  int pair[2];
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
  const Descriptor other(pair[1]);
  auto stream = PipeStream::adopt(loop_, Descriptor(pair[0]));
  ASSERT_TRUE(stream);
  (*stream)->start(listener_);

  ASSERT_EQ(send(other.get(), "hello", 5, 0), 5);
  run_until([&] { return !listener_.received.empty(); });
  (*stream)->write("world");

  EXPECT_EQ(listener_.received, "hello");
  EXPECT_EQ(read_now(other), "world");
}

}  // namespace
}  // namespace mailchute
