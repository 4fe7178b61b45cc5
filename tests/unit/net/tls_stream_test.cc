#include "net/tls_stream.h"

#include <gtest/gtest.h>

#include "net/acceptor.h"
#include "net/system_dialer.h"
#include "unit/net/loop_fixture.h"
#include "unit/net/sockets.h"
#include "unit/net/temporary_file.h"
#include "unit/net/tls_fixture.h"

namespace mailchute {
namespace {

/// Over real sockets: a relay's side made by the dialer, and a server's.
class TlsStreamTest : public LoopTest {
 protected:
  void SetUp() override {
    acceptor_ = std::move(*Acceptor::listen_tcp(loop_, "127.0.0.1:0"));
    acceptor_->start(
        [this](std::unique_ptr<Stream> stream, const PeerFacts&) { accepted_ = std::move(stream); });
    dialing_ = dialer_.dial("127.0.0.1", acceptor_->local_port(), Duration(5000), [this](auto outcome) {
      ASSERT_TRUE(outcome);
      dialed_ = std::move(*outcome);
    });
    run_until([&] { return dialed_ && accepted_; });
  }

  void secure_both() {
    auto context = TlsServerContext::from_pem(identity_.chain_pem, identity_.key_pem);
    server_ =
        std::make_unique<TlsStream>(loop_, std::move(accepted_), std::move(*TlsEngine::server(**context)));
    client_ = std::move(*dialer_.secure(std::move(dialed_), {"mx.test", ca_.path(), {}}));
    server_->start(at_server_);
    client_->start(at_client_);
  }

  void secure_both_and_wait() {
    secure_both();
    run_until([&] { return at_client_.facts && at_server_.facts; });
  }

  TlsIdentity identity_ = std::move(*make_tls_identity(valid_wish()));
  TemporaryFile ca_{identity_.ca_pem};
  SystemDialer dialer_{loop_};
  std::unique_ptr<Acceptor> acceptor_;
  std::unique_ptr<Dialing> dialing_;
  std::unique_ptr<Stream> dialed_;
  std::unique_ptr<Stream> accepted_;
  std::unique_ptr<Stream> client_;
  std::unique_ptr<Stream> server_;
  Listener at_client_;
  Listener at_server_;
};

TEST_F(TlsStreamTest, SecuresAndCarriesAMessage) {
  secure_both_and_wait();
  const std::string body(10 << 20, 'x');

  client_->write(body);
  run_until([&] { return at_server_.received.size() == body.size(); });
  server_->write("250 queued\r\n");
  run_until([&] { return !at_client_.received.empty(); });

  EXPECT_TRUE(at_server_.received == body);
  EXPECT_EQ(at_client_.received, "250 queued\r\n");
  EXPECT_EQ(client_->pending_bytes(), 0U);
  EXPECT_GT(at_client_.drained, 0);
}

TEST_F(TlsStreamTest, WhatIsWrittenBeforeTheHandshakeArrivesAfterIt) {
  secure_both();

  client_->write("EHLO relay\r\n");
  EXPECT_EQ(client_->pending_bytes() >= 12, true);
  run_until([&] { return !at_server_.received.empty() && at_client_.drained > 0; });

  EXPECT_EQ(at_server_.received, "EHLO relay\r\n");
  EXPECT_EQ(client_->pending_bytes(), 0U);
}

TEST_F(TlsStreamTest, FinishEndsBothSidesCleanly) {
  secure_both_and_wait();

  client_->write("QUIT\r\n");
  client_->finish();
  run_until([&] { return at_server_.end.has_value(); });
  server_->finish();
  run_until([&] { return at_client_.end.has_value(); });

  EXPECT_EQ(at_server_.received, "QUIT\r\n");
  EXPECT_EQ(at_server_.end->kind, StreamEnd::Kind::Clean);
  EXPECT_EQ(at_client_.end->kind, StreamEnd::Kind::Clean);
}

TEST_F(TlsStreamTest, ClosedWithoutGoodbyeIsTruncated) {  // C066
  secure_both_and_wait();

  server_->write("250 que");
  server_.reset();
  run_until([&] { return at_client_.end.has_value(); });

  EXPECT_EQ(at_client_.received, "250 que");
  EXPECT_EQ(at_client_.end->kind, StreamEnd::Kind::Truncated);
}

TEST_F(TlsStreamTest, PauseHoldsPlaintextBackUntilResume) {
  secure_both_and_wait();
  at_client_.on_input = [&] { client_->pause(); };
  const std::string reply(100'000, 'r');

  server_->write(reply);
  run_until([&] { return !at_client_.received.empty(); });
  settle();
  const auto while_paused = at_client_.received.size();
  server_.reset();
  settle();
  EXPECT_FALSE(at_client_.end);
  at_client_.on_input = nullptr;
  client_->resume();
  run_until([&] { return at_client_.end.has_value(); });

  EXPECT_LE(while_paused, 16384U);
  EXPECT_TRUE(at_client_.received == reply);
}

TEST_F(TlsStreamTest, WrongHostIsRefusedBeforeAnythingIsSaid) {
  auto context = TlsServerContext::from_pem(identity_.chain_pem, identity_.key_pem);
  server_ =
      std::make_unique<TlsStream>(loop_, std::move(accepted_), std::move(*TlsEngine::server(**context)));
  client_ = std::move(*dialer_.secure(std::move(dialed_), {"bank.test", ca_.path(), {}}));
  server_->start(at_server_);
  client_->start(at_client_);
  client_->write("AUTH PLAIN c2VjcmV0\r\n");

  run_until([&] { return at_client_.end && at_server_.end; });

  EXPECT_EQ(at_client_.end->text, "the certificate is for mx.test, not bank.test");
  EXPECT_TRUE(at_client_.end->handshake);
  EXPECT_FALSE(at_client_.facts);
  EXPECT_EQ(at_server_.received, "");
}

TEST_F(TlsStreamTest, PlainServerIsRecognized) {  // C062
  client_ = std::move(*dialer_.secure(std::move(dialed_), {"mx.test", ca_.path(), {}}));
  accepted_->start(at_server_);
  accepted_->write("220 mx.test ESMTP\r\n");
  client_->start(at_client_);

  run_until([&] { return at_client_.end.has_value(); });

  EXPECT_EQ(at_client_.end->text, "the peer speaks no TLS on this port");
}

TEST_F(TlsStreamTest, StartTlsHandsTheStreamOverInsideACallback) {
  auto context = TlsServerContext::from_pem(identity_.chain_pem, identity_.key_pem);
  Listener plain_client;
  Listener plain_server;
  plain_server.on_input = [&] {
    accepted_->write("220 go\r\n");
    server_ =
        std::make_unique<TlsStream>(loop_, std::move(accepted_), std::move(*TlsEngine::server(**context)));
    server_->start(at_server_);
  };
  plain_client.on_input = [&] {
    client_ = std::move(*dialer_.secure(std::move(dialed_), {"mx.test", ca_.path(), {}}));
    client_->start(at_client_);
  };
  accepted_->start(plain_server);
  dialed_->start(plain_client);

  dialed_->write("STARTTLS\r\n");
  run_until([&] { return at_client_.facts && at_server_.facts; });

  EXPECT_EQ(plain_server.received, "STARTTLS\r\n");
  EXPECT_EQ(plain_client.received, "220 go\r\n");
}

TEST_F(TlsStreamTest, MissingRootsAreAnErrorOfSecure) {
  const auto secured = dialer_.secure(std::move(dialed_), {"mx.test", "/nonexistent/ca.pem", {}});

  EXPECT_FALSE(secured);
}

TEST_F(TlsStreamTest, RetiredInsideItsCallbackIsQuiet) {
  secure_both_and_wait();
  at_client_.on_input = [&] { loop_.retire(std::move(client_)); };

  server_->write("bye");
  run_until([&] { return at_server_.end.has_value(); });

  EXPECT_EQ(client_, nullptr);
}

}  // namespace
}  // namespace mailchute
