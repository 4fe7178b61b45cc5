#include "net/tls_engine.h"

#include <gtest/gtest.h>

#include <openssl/pem.h>

#include "unit/net/tls_fixture.h"

namespace mailchute {
namespace {

TlsIdentity identity_of(const TlsIdentityWish& wish) {
  auto identity = make_tls_identity(wish);
  EXPECT_TRUE(identity) << identity.error().text;
  return std::move(*identity);
}

/// How a client that wants `host` judges a server with this certificate; empty: it is content.
std::string judgement(const TlsIdentityWish& wish, const std::string& host = "mx.test") {
  const auto identity = identity_of(wish);
  TlsPair pair(identity, identity.ca_pem.empty() ? identity_of(valid_wish()).ca_pem : identity.ca_pem,
               {host, {}, {}});
  pair.shake_hands();
  if (pair.client->facts()) return "";
  EXPECT_TRUE(pair.client->end());
  if (!pair.client->end()) return "still waiting";
  EXPECT_EQ(pair.client->end()->kind, StreamEnd::Kind::Failed);
  EXPECT_TRUE(pair.client->end()->handshake);
  return pair.client->end()->text;
}

std::string judgement_of_names(std::vector<std::string> dns_names, const std::string& host) {
  auto wish = valid_wish();
  wish.dns_names = std::move(dns_names);
  return judgement(wish, host);
}

class TlsEngineTest : public testing::Test {
 protected:
  TlsIdentity identity_ = identity_of(valid_wish());
  TlsPair pair_{identity_, identity_.ca_pem};
};

TEST_F(TlsEngineTest, GoodCertificateIsTakenAndFactsAreTold) {
  pair_.shake_hands();

  ASSERT_TRUE(pair_.client->facts());
  ASSERT_TRUE(pair_.server->facts());
  EXPECT_EQ(pair_.client->facts()->version, "TLSv1.3");
  EXPECT_FALSE(pair_.client->facts()->cipher.empty());
  EXPECT_EQ(pair_.client->facts()->peer_fingerprint.size(), 7U + 64U);
  EXPECT_EQ(pair_.server->facts()->peer_fingerprint, "");
}

TEST_F(TlsEngineTest, TellsWhatTheCertificateSaysOfItself) {
  auto wish = valid_wish();
  wish.common_name = "a provider\n550 evil";
  const auto identity = identity_of(wish);
  TlsPair pair(identity, identity.ca_pem);

  pair.shake_hands();

  ASSERT_TRUE(pair.client->facts());
  const CertificateFacts& certificate = pair.client->facts()->certificate;
  EXPECT_EQ(certificate.subject, "CN = a provider\\\\0A550 evil");
  EXPECT_EQ(certificate.names, "mx.test");
  EXPECT_NE(certificate.issuer, "");
  EXPECT_EQ(certificate.expires, std::chrono::floor<std::chrono::seconds>(wish.not_after));
  EXPECT_EQ(pair.server->facts()->certificate.subject, "");
}

TEST_F(TlsEngineTest, CarriesPlaintextBothWaysInAnyPieces) {
  pair_.shake_hands();
  const std::string large(200'000, 'm');

  pair_.client->send(large);
  const auto records = pair_.client->take_output();
  std::string arrived;
  for (std::size_t at = 0; at < records.size(); at += 777) {
    pair_.server->receive(std::string_view(records).substr(at, 777));
    arrived += read_all(*pair_.server);
  }
  pair_.server->send("250 queued\r\n");
  pair_.exchange();

  EXPECT_TRUE(arrived == large);
  EXPECT_EQ(read_all(*pair_.client), "250 queued\r\n");
}

TEST_F(TlsEngineTest, HandshakeSurvivesArrivingByteByByte) {
  pair_.client->begin();
  for (int turn = 0; turn < 6; ++turn) {
    for (const char byte : pair_.client->take_output()) pair_.server->receive({&byte, 1});
    for (const char byte : pair_.server->take_output()) pair_.client->receive({&byte, 1});
  }

  EXPECT_TRUE(pair_.client->facts());
  EXPECT_TRUE(pair_.server->facts());
}

TEST_F(TlsEngineTest, PlaintextWrittenEarlyWaitsForTheHandshake) {
  pair_.client->send("EHLO relay\r\n");
  EXPECT_EQ(pair_.client->waiting(), 12U);
  EXPECT_EQ(pair_.client->take_output(), "");

  pair_.shake_hands();

  EXPECT_EQ(pair_.client->waiting(), 0U);
  EXPECT_EQ(read_all(*pair_.server), "EHLO relay\r\n");
}

TEST_F(TlsEngineTest, ServerNameIsTheHostWithoutItsFinalDot) {  // C060
  pair_.demand_again({"MX.test.", {}, {}});

  pair_.client->begin();
  const auto hello = pair_.client->take_output();

  EXPECT_NE(hello.find("mx.test"), std::string::npos);
  EXPECT_EQ(hello.find("mx.test."), std::string::npos);
}

TEST(TlsCertificate, AddressIsProvedByAnAddressEntryOnlyAndIsNoServerName) {  // C058, C060
  auto wish = valid_wish();
  wish.ip_addresses = {"127.0.0.1", "::1"};
  EXPECT_EQ(judgement(wish, "127.0.0.1"), "");
  EXPECT_EQ(judgement(wish, "::1"), "");
  EXPECT_NE(judgement(wish, "127.0.0.2"), "");
  EXPECT_NE(judgement_of_names({"127.0.0.1"}, "127.0.0.1"), "");

  const auto identity = identity_of(wish);
  TlsPair pair(identity, identity.ca_pem, {"127.0.0.1", {}, {}});
  pair.client->begin();
  EXPECT_EQ(pair.client->take_output().find("127.0.0.1"), std::string::npos);
}

TEST(TlsCertificate, NameMustStandInTheAlternativeNames) {  // C056
  EXPECT_EQ(judgement_of_names({"a.test", "mx.test"}, "mx.test"), "");
  EXPECT_EQ(judgement_of_names({"MX.TEST"}, "mx.test"), "");
  EXPECT_EQ(judgement_of_names({"mx.test"}, "mx.test."), "");
  EXPECT_EQ(judgement_of_names({"a.test", "b.test"}, "mx.test"),
            "the certificate is for a.test, b.test, not mx.test");
  EXPECT_EQ(judgement_of_names({"mx.test.evil"}, "mx.test"),
            "the certificate is for mx.test.evil, not mx.test");

  auto common_name_only = valid_wish();
  common_name_only.dns_names.clear();
  common_name_only.common_name = "mx.test";
  EXPECT_EQ(judgement(common_name_only),
            "the certificate names no host (subjectAltName), so it is not for mx.test");
}

TEST(TlsCertificate, WildcardIsOneWholeLeftmostLabel) {  // C056
  EXPECT_EQ(judgement_of_names({"*.mail.test"}, "mx.mail.test"), "");
  EXPECT_NE(judgement_of_names({"*.mail.test"}, "a.mx.mail.test"), "");
  EXPECT_NE(judgement_of_names({"*.mail.test"}, "mail.test"), "");
  EXPECT_NE(judgement_of_names({"m*.mail.test"}, "mx.mail.test"), "");
  EXPECT_NE(judgement_of_names({"*x.mail.test"}, "mx.mail.test"), "");
  EXPECT_NE(judgement_of_names({"mx.*.test"}, "mx.mail.test"), "");
  EXPECT_NE(judgement_of_names({"*.test"}, "mx.test"), "");
  EXPECT_NE(judgement_of_names({"*"}, "mx.test"), "");
}

TEST(TlsCertificate, NameWithANulInsideIsNotItsFirstPart) {  // C058
  using namespace std::string_literals;

  const auto verdict = judgement_of_names({"mx.test\0.evil"s}, "mx.test");

  EXPECT_NE(verdict, "");
  EXPECT_EQ(verdict.find('\0'), std::string::npos);
}

TEST(TlsCertificate, DatesAreChecked) {  // C057
  auto expired = valid_wish();
  expired.not_after = SystemClock().wall() - std::chrono::minutes(30);
  EXPECT_EQ(judgement(expired), "the certificate was refused: certificate has expired");

  auto future = valid_wish();
  future.not_before = SystemClock().wall() + std::chrono::minutes(30);
  EXPECT_EQ(judgement(future), "the certificate was refused: certificate is not yet valid");
}

TEST(TlsCertificate, StrangersAreRefused) {  // C057
  auto self_signed = valid_wish();
  self_signed.signer = TlsIdentityWish::Signer::Itself;
  EXPECT_EQ(judgement(self_signed), "the certificate was refused: self-signed certificate");

  const auto identity = identity_of(valid_wish());
  TlsPair stranger(identity, identity_of(valid_wish()).ca_pem);
  stranger.shake_hands();
  ASSERT_TRUE(stranger.client->end());
  EXPECT_EQ(stranger.client->end()->text.find("the certificate was refused: "), 0U);
  EXPECT_FALSE(stranger.server->facts());
}

TEST(TlsCertificate, SystemsRootsDoNotKnowUs) {
  const auto identity = identity_of(valid_wish());
  TlsPair pair(identity, identity.ca_pem);
  auto system = TlsClientContext::load("");
  if (!system) GTEST_SKIP() << "this machine has no root certificates";
  pair.client_context = std::move(*system);
  pair.demand_again({"mx.test", {}, {}});

  pair.shake_hands();

  EXPECT_FALSE(pair.client->facts());
  EXPECT_TRUE(pair.client->end());
}

TEST(TlsCertificate, OneMadeForClientsIsNoServers) {  // C057
  auto wish = valid_wish();
  wish.purpose = TlsIdentityWish::Purpose::Client;

  EXPECT_NE(judgement(wish), "");
}

TEST_F(TlsEngineTest, FingerprintNarrows) {
  pair_.shake_hands();
  const auto right = pair_.client->facts()->peer_fingerprint;

  pair_.demand_again({"mx.test", {}, right});
  pair_.shake_hands();
  EXPECT_TRUE(pair_.client->facts());

  pair_.demand_again({"mx.test", {}, "SHA256:" + std::string(64, 'A')});
  pair_.shake_hands();
  EXPECT_FALSE(pair_.client->facts());
  ASSERT_TRUE(pair_.client->end());
  EXPECT_EQ(pair_.client->end()->text,
            "the certificate's fingerprint is " + right + ", not the one in tls_fingerprint");

  pair_.demand_again({"other.test", {}, right});  // It replaces no other proof.
  pair_.shake_hands();
  EXPECT_FALSE(pair_.client->facts());
}

TEST_F(TlsEngineTest, SenselessDemandIsAnError) {
  using namespace std::string_literals;
  for (const std::string& host :
       {""s, "."s, "mx test"s, "mx.test\r\n"s, "mx\0.test"s, "m\\x.test"s, std::string(300, 'a')}) {
    EXPECT_FALSE(TlsEngine::client(*pair_.client_context, {host, {}, {}})) << host;
  }
  for (const std::string fingerprint : {"sha256:", "sha256:abc", "sha1:0123"}) {
    EXPECT_FALSE(TlsEngine::client(*pair_.client_context, {"mx.test", {}, fingerprint})) << fingerprint;
  }
}

TEST_F(TlsEngineTest, OldVersionsAreRefused) {  // C061
  SSL_CTX* const server = pair_.server_context->raw();
  SSL_CTX_set_security_level(server, 0);
  SSL_CTX_set_min_proto_version(server, TLS1_VERSION);
  SSL_CTX_set_max_proto_version(server, TLS1_1_VERSION);
  SSL_CTX_set_cipher_list(server, "ALL:@SECLEVEL=0");
  pair_.demand_again({"mx.test", {}, {}});

  pair_.shake_hands();

  ASSERT_TRUE(pair_.client->end());
  EXPECT_EQ(pair_.client->end()->text, "the peer speaks no TLS as new as 1.2");
}

TEST_F(TlsEngineTest, VersionOnePointTwoIsEnough) {
  SSL_CTX_set_max_proto_version(pair_.server_context->raw(), TLS1_2_VERSION);
  pair_.demand_again({"mx.test", {}, {}});

  pair_.shake_hands();

  ASSERT_TRUE(pair_.client->facts());
  EXPECT_EQ(pair_.client->facts()->version, "TLSv1.2");
}

TEST_F(TlsEngineTest, AnonymousServerIsRefused) {  // C059
  SSL_CTX* const server = pair_.server_context->raw();
  SSL_CTX_set_security_level(server, 0);
  SSL_CTX_set_max_proto_version(server, TLS1_2_VERSION);
  SSL_CTX_set_cipher_list(server, "aNULL:@SECLEVEL=0");
  pair_.demand_again({"mx.test", {}, {}});

  pair_.shake_hands();

  EXPECT_FALSE(pair_.client->facts());
  EXPECT_TRUE(pair_.client->end());
}

TEST_F(TlsEngineTest, PeerThatSpeaksInClearIsToldSo) {  // C062
  for (const std::string words :
       {"220 mx.test ESMTP ready\r\n", "HTTP/1.1 400 Bad Request\r\n\r\n", "SSH-2.0-OpenSSH_9.2\r\n"}) {
    pair_.demand_again({"mx.test", {}, {}});
    pair_.client->begin();
    pair_.client->receive(words);
    ASSERT_TRUE(pair_.client->end()) << words;
    EXPECT_EQ(pair_.client->end()->text, "the peer speaks no TLS on this port");
  }
}

TEST_F(TlsEngineTest, PlaintextBeforeTheHandshakeIsNeverRead) {  // C070, C073
  pair_.client->begin();

  pair_.client->receive("250-AUTH PLAIN\r\n");

  EXPECT_TRUE(pair_.client->end());
  EXPECT_EQ(read_all(*pair_.client), "");
}

TEST_F(TlsEngineTest, FlippedBitEndsTheConversation) {  // C068
  pair_.shake_hands();
  pair_.server->send("250 queued\r\n");
  auto record = pair_.server->take_output();
  record.back() = static_cast<char>(record.back() ^ 1);

  pair_.client->receive(record);

  EXPECT_EQ(read_all(*pair_.client), "");
  ASSERT_TRUE(pair_.client->end());
  EXPECT_EQ(pair_.client->end()->kind, StreamEnd::Kind::Failed);
  EXPECT_FALSE(pair_.client->end()->handshake);
}

TEST_F(TlsEngineTest, GoodbyeIsCleanAndNothingAfterItIsRead) {  // C067
  pair_.shake_hands();
  pair_.server->send("221 bye\r\n");
  pair_.server->finish();

  pair_.client->receive(pair_.server->take_output() + "250 OK\r\n");
  EXPECT_EQ(read_all(*pair_.client), "221 bye\r\n");
  pair_.client->receive("250 OK\r\n");

  EXPECT_EQ(read_all(*pair_.client), "");
  ASSERT_TRUE(pair_.client->end());
  EXPECT_EQ(pair_.client->end()->kind, StreamEnd::Kind::Clean);
  EXPECT_NE(pair_.client->take_output(), "");  // Our close_notify in answer.
}

TEST_F(TlsEngineTest, EndWithoutGoodbyeIsTruncation) {  // C066
  pair_.shake_hands();
  pair_.server->send("250 que");

  pair_.client->receive(pair_.server->take_output());
  EXPECT_EQ(read_all(*pair_.client), "250 que");
  pair_.client->transport_ended({StreamEnd::Kind::Clean, "", false});

  ASSERT_TRUE(pair_.client->end());
  EXPECT_EQ(pair_.client->end()->kind, StreamEnd::Kind::Truncated);
}

TEST_F(TlsEngineTest, EndInTheHandshakeIsAFailureOfIt) {
  pair_.client->begin();

  pair_.client->transport_ended({StreamEnd::Kind::Clean, "", false});

  EXPECT_EQ(pair_.client->end()->text, "the peer closed the connection during the TLS handshake");
  EXPECT_TRUE(pair_.client->end()->handshake);
}

TEST_F(TlsEngineTest, GoodbyeFollowsWhatWaitedForTheHandshake) {
  pair_.client->send("QUIT\r\n");
  pair_.client->finish();
  EXPECT_FALSE(pair_.client->goodbye_said());

  pair_.shake_hands();

  EXPECT_TRUE(pair_.client->goodbye_said());
  EXPECT_EQ(read_all(*pair_.server), "QUIT\r\n");
  EXPECT_EQ(pair_.server->end()->kind, StreamEnd::Kind::Clean);
}

/// A server that misbehaves in ways that an engine does not offer.
class RawServer {
 public:
  explicit RawServer(const TlsServerContext& context)
      : session_(SSL_new(context.raw())), in_(BIO_new(BIO_s_mem())), out_(BIO_new(BIO_s_mem())) {
    SSL_set_bio(session_.get(), in_, out_);
    SSL_set_accept_state(session_.get());
  }

  SSL* session() { return session_.get(); }

  /// Carries bytes both ways and lets the server go on; answers how many the client sent.
  std::size_t exchange(TlsEngine& client) {
    SSL_do_handshake(session_.get());
    std::string bytes(BIO_ctrl_pending(out_), '\0');
    if (!bytes.empty()) BIO_read(out_, bytes.data(), static_cast<int>(bytes.size()));
    client.receive(bytes);
    read_all(client);
    const auto answer = client.take_output();
    if (!answer.empty()) BIO_write(in_, answer.data(), static_cast<int>(answer.size()));
    return answer.size();
  }

 private:
  std::unique_ptr<SSL, OpensslFree<SSL_free>> session_;
  BIO* in_;
  BIO* out_;
};

TEST_F(TlsEngineTest, EndlessKeyUpdatesAreCutOff) {  // C064
  RawServer server(*pair_.server_context);
  pair_.client->begin();
  for (int turn = 0; turn < 4; ++turn) server.exchange(*pair_.client);
  ASSERT_TRUE(pair_.client->facts());

  std::size_t answered = 0;
  for (int updates = 0; !pair_.client->end() && updates < 10'000; ++updates) {
    SSL_key_update(server.session(), SSL_KEY_UPDATE_REQUESTED);
    answered += server.exchange(*pair_.client);
  }

  ASSERT_TRUE(pair_.client->end());
  EXPECT_EQ(pair_.client->end()->text, "the peer sends TLS messages without end");
  EXPECT_LT(answered, TlsEngine::kChatterBytesMax);
}

TEST_F(TlsEngineTest, RenegotiationIsDeclined) {  // C065
  SSL_CTX_set_max_proto_version(pair_.server_context->raw(), TLS1_2_VERSION);
  RawServer server(*pair_.server_context);
  SSL_clear_options(server.session(), SSL_OP_NO_RENEGOTIATION);
  pair_.client->begin();
  for (int turn = 0; turn < 4; ++turn) server.exchange(*pair_.client);
  ASSERT_TRUE(pair_.client->facts());

  ASSERT_EQ(SSL_renegotiate(server.session()), 1);
  const auto answer = server.exchange(*pair_.client);

  EXPECT_GT(answer, 0U);
  EXPECT_LT(answer, 100U);  // An alert (RFC 5246 7.2.2), not the some two hundred bytes of a new hello.
}

TEST_F(TlsEngineTest, HugeCertificateChainIsRefused) {  // C064
  const auto leaf = identity_of(valid_wish());
  for (int i = 0; i < 300; ++i) {
    const auto bio = std::unique_ptr<BIO, OpensslFree<BIO_free_all>>(
        BIO_new_mem_buf(leaf.chain_pem.data(), static_cast<int>(leaf.chain_pem.size())));
    X509* const padding = PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr);
    SSL_CTX_add0_chain_cert(pair_.server_context->raw(), padding);
  }
  SSL_CTX_set_max_cert_list(pair_.server_context->raw(), 1 << 20);
  pair_.demand_again({"mx.test", {}, {}});

  pair_.shake_hands();

  ASSERT_TRUE(pair_.client->end());
  EXPECT_EQ(pair_.client->end()->text, "the peer's certificate chain is too large");
}

}  // namespace
}  // namespace mailchute
