#include "net/dialer.h"

#include <gtest/gtest.h>

#include "net/dialing.h"
#include "net/resolver.h"
#include "net/system_dialer.h"
#include "unit/net/loop_fixture.h"
#include "unit/net/sockets.h"

namespace mailchute {
namespace {

class DialerTest : public LoopTest {
 protected:
  void dial(const std::string& host, std::uint16_t port, Duration patience = Duration(9000)) {
    dialing_ = dialer_.dial(host, port, patience, [this](SystemDialing::Outcome outcome) {
      outcome_ = std::move(outcome);
      dialing_.reset();  // What its owner typically does.
    });
    EXPECT_FALSE(outcome_);  // Never inside the call.
  }

  void dial_and_wait(const std::string& host, std::uint16_t port, Duration patience = Duration(9000)) {
    dial(host, port, patience);
    run_until([&] { return outcome_.has_value(); });
  }

  SystemDialer dialer_{loop_};
  std::unique_ptr<Dialing> dialing_;
  std::optional<SystemDialing::Outcome> outcome_;
};

TEST_F(DialerTest, ConnectsToANumericAddress) {
  std::uint16_t port = 0;
  const auto listening = listening_socket(port);

  dial_and_wait("127.0.0.1", port);

  ASSERT_TRUE(*outcome_) << outcome_->error().text;
  EXPECT_EQ((**outcome_)->peer(), "127.0.0.1:" + std::to_string(port));
}

TEST_F(
    DialerTest,
    ConnectsToANameWhoseFirstAddressRefuses) {  // C081: localhost is ::1 and 127.0.0.1, one of which listens
  std::uint16_t port = 0;
  const auto listening = listening_socket(port);

  dial_and_wait("localhost", port);

  ASSERT_TRUE(*outcome_) << outcome_->error().text;
}

TEST_F(DialerTest, WhereWeListenOurselvesIsNotDialed) {  // C082
  std::uint16_t port = 0;
  const auto listening = listening_socket(port);
  dialer_.listening_at(*SocketAddress::numeric("127.0.0.1", port));

  dial_and_wait("127.0.0.1", port);

  ASSERT_FALSE(*outcome_);
  EXPECT_EQ(outcome_->error().stage, Stage::Connect);
  EXPECT_NE(outcome_->error().text.find("itself listens"), std::string::npos) << outcome_->error().text;
}

TEST(SocketAddressText, ADialedAddressLeadsToTheListeningOneItMeets) {
  const auto leads = [](const char* dialed, const char* listening) {
    return SocketAddress::parse(dialed)->leads_to(*SocketAddress::parse(listening));
  };
  EXPECT_TRUE(leads("127.0.0.1:25", "127.0.0.1:25"));
  EXPECT_TRUE(leads("127.0.0.1:25", "0.0.0.0:25"));
  EXPECT_TRUE(leads("0.0.0.0:25", "127.0.0.1:25"));
  EXPECT_TRUE(leads("[::]:25", "[::1]:25"));

  EXPECT_FALSE(leads("127.0.0.1:25", "127.0.0.1:2525"));
  EXPECT_FALSE(leads("127.0.0.2:25", "127.0.0.1:25"));
  EXPECT_FALSE(leads("[::1]:25", "127.0.0.1:25"));
  EXPECT_FALSE(leads("[::1]:25", "0.0.0.0:25"));
  EXPECT_FALSE(leads("127.0.0.1:25", "[::]:25"));
  EXPECT_FALSE(leads("192.0.2.1:25", "0.0.0.0:25"));
}

TEST_F(DialerTest, AddressesAreToldBeforeTheConnection) {
  std::uint16_t port = 0;
  const auto listening = listening_socket(port);
  std::vector<std::string> addresses;
  bool connected_before = false;

  dial("127.0.0.1", port);
  dialing_->when_resolved([&](const std::vector<std::string>& told) {
    addresses = told;
    connected_before = outcome_.has_value();
  });
  run_until([&] { return outcome_.has_value(); });

  EXPECT_EQ(addresses, std::vector<std::string>{"127.0.0.1:" + std::to_string(port)});
  EXPECT_FALSE(connected_before);
}

TEST_F(DialerTest, RefusedConnectionNamesAddressAndReason) {  // C084
  const auto port = unused_port();

  dial_and_wait("127.0.0.1", port);

  ASSERT_FALSE(*outcome_);
  EXPECT_EQ(outcome_->error().stage, Stage::Connect);
  EXPECT_EQ(outcome_->error().text, "127.0.0.1:" + std::to_string(port) + ": connection refused");
}

TEST_F(DialerTest, UnresolvableNameIsAFaultOfTheResolver) {
  dial_and_wait("name-that-does-not-exist.invalid", 465);

  ASSERT_FALSE(*outcome_);
  EXPECT_EQ(outcome_->error().stage, Stage::Resolve);
  EXPECT_EQ(outcome_->error().text.find("cannot resolve name-that-does-not-exist.invalid: "), 0U);
}

TEST_F(DialerTest, NameWithForbiddenBytesIsAFaultAndNoCrash) {
  dial_and_wait(std::string(300, 'x') + ".test", 465);

  ASSERT_FALSE(*outcome_);
  EXPECT_EQ(outcome_->error().stage, Stage::Resolve);
}

TEST_F(DialerTest, SilentAddressEndsWithPatience) {
  // A full queue drops further connection requests: the address neither accepts nor refuses.
  const auto address = SocketAddress::numeric("127.0.0.1", 0);
  const Descriptor full(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  ASSERT_EQ(bind(full.get(), address->raw(), address->size()), 0);
  ASSERT_EQ(listen(full.get(), 0), 0);
  sockaddr_storage bound{};
  socklen_t size = sizeof bound;
  getsockname(full.get(), reinterpret_cast<sockaddr*>(&bound), &size);
  const auto where = *SocketAddress::from(reinterpret_cast<const sockaddr&>(bound));
  const auto filler = connect_to("127.0.0.1", where.port());

  dial_and_wait("127.0.0.1", where.port(), Duration(50));

  ASSERT_FALSE(*outcome_);
  EXPECT_EQ(outcome_->error().text, where.text() + ": no answer within 50 ms");
}

TEST_F(DialerTest, DestroyedDialingNeverCalls) {
  std::uint16_t port = 0;
  const auto listening = listening_socket(port);

  dial("127.0.0.1", port);
  dialing_.reset();
  settle();
  dial("localhost", port);
  dialing_.reset();
  settle();

  EXPECT_FALSE(outcome_);
}

TEST_F(DialerTest, CancelledLookupNeverCalls) {
  bool called = false;
  {
    const Lookup lookup(loop_, "localhost", 25, [&](Lookup::Outcome) { called = true; });
  }
  {
    const Lookup lookup(loop_, "127.0.0.1", 25, [&](Lookup::Outcome) { called = true; });
  }

  settle();

  EXPECT_FALSE(called);
}

TEST(Interleaved, FamiliesTakeTurnsBeginningWithThePreferred) {
  const auto v4 = [](const char* ip) { return *SocketAddress::numeric(ip, 25); };
  const std::vector<SocketAddress> addresses = {v4("2001:db8::1"), v4("2001:db8::2"), v4("2001:db8::3"),
                                                v4("192.0.2.1")};

  std::string order;
  for (const auto& address : interleaved(addresses)) order += address.text() + ' ';

  EXPECT_EQ(order, "[2001:db8::1]:25 192.0.2.1:25 [2001:db8::2]:25 [2001:db8::3]:25 ");
  EXPECT_TRUE(interleaved({}).empty());
}

TEST(SocketAddressText, ReadsAndWritesBothFamilies) {
  for (const std::string text : {"127.0.0.1:25", "[::1]:25", "[2001:db8::1]:0", "0.0.0.0:65535"}) {
    const auto address = SocketAddress::parse(text);
    ASSERT_TRUE(address) << text;
    EXPECT_EQ(address->text(), text);
  }
  for (const std::string text : {"", "25", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1",
                                 "::1:25", "[127.0.0.1]:25", "[::1]", "localhost:25", "[]:25", "127.1:25"}) {
    EXPECT_FALSE(SocketAddress::parse(text)) << text;
  }
}

TEST(SocketAddressText, MappedAddressOfThePeerIsShownAsIpv4) {
  const auto mapped = SocketAddress::numeric("::ffff:192.0.2.7", 1234);

  const auto seen = SocketAddress::from(*mapped->raw());

  EXPECT_EQ(seen->text(), "192.0.2.7:1234");
  EXPECT_EQ(seen->bytes(), mapped->bytes());
}

}  // namespace
}  // namespace mailchute
