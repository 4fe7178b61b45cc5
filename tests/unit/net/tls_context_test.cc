#include "net/tls_context.h"

#include <gtest/gtest.h>

#include "net/tls_roots.h"
#include "unit/net/temporary_file.h"
#include "unit/net/tls_fixture.h"

namespace mailchute {
namespace {

TEST(TlsClientRules, EnvironmentAndOpensslConfigurationAreIgnored) {  // K031
  const TemporaryFile weak(
      "openssl_conf = start\n[start]\nssl_conf = ssl\n[ssl]\nsystem_default = weak\n[weak]\nMinProtocol = "
      "TLSv1\nCipherString = ALL:@SECLEVEL=0\n");
  setenv("OPENSSL_CONF", weak.path().c_str(), 1);
  setenv("SSL_CERT_FILE", "/nonexistent", 1);
  setenv("SSL_CERT_DIR", "/nonexistent", 1);

  const TemporaryFile ca(make_tls_identity(valid_wish())->ca_pem);
  const auto context = TlsClientContext::load(ca.path());

  ASSERT_TRUE(context) << context.error().text;
  EXPECT_EQ(SSL_CTX_get_min_proto_version((*context)->raw()), TLS1_2_VERSION);
  EXPECT_EQ(SSL_CTX_get_security_level((*context)->raw()), 2);
  EXPECT_EQ(SSL_CTX_get_verify_mode((*context)->raw()), SSL_VERIFY_PEER);
  EXPECT_EQ(system_roots_file().find("nonexistent"), std::string::npos);
  unsetenv("OPENSSL_CONF");
  unsetenv("SSL_CERT_FILE");
  unsetenv("SSL_CERT_DIR");
}

TEST(TlsClientRules, UnusableRootsAreAnErrorThatNamesTheFile) {
  const TemporaryFile garbage("not a certificate");

  for (const std::string& file : {std::string("/nonexistent/ca.pem"), garbage.path()}) {
    const auto context = TlsClientContext::load(file);
    ASSERT_FALSE(context);
    EXPECT_NE(context.error().text.find(file), std::string::npos) << context.error().text;
  }
}

TEST(TlsServerRules, KeyMustFitTheCertificate) {
  const auto one = make_tls_identity(valid_wish());
  const auto other = make_tls_identity(valid_wish());

  EXPECT_TRUE(TlsServerContext::from_pem(one->chain_pem, one->key_pem));
  EXPECT_FALSE(TlsServerContext::from_pem(one->chain_pem, other->key_pem));
  EXPECT_FALSE(TlsServerContext::from_pem("", one->key_pem));
  EXPECT_FALSE(TlsServerContext::from_pem(one->chain_pem, Secret("nonsense")));
}

TEST(TlsServerRules, LoadsFromFilesAndNamesThemWhenItCannot) {
  const auto identity = make_tls_identity(valid_wish());
  const TemporaryFile chain(identity->chain_pem);
  const TemporaryFile key(std::string(identity->key_pem.reveal()));

  EXPECT_TRUE(TlsServerContext::load(chain.path(), key.path()));
  const auto missing = TlsServerContext::load(chain.path(), "/nonexistent/key.pem");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().text, "cannot read /nonexistent/key.pem");
}

TEST(TlsRootsTest, ChangedFileIsLoadedAgainAndABrokenOneLeavesTheFormer) {  // C078
  const auto identity = make_tls_identity(valid_wish());
  TemporaryFile file(identity->ca_pem);
  TlsRoots roots;

  const TlsClientContext* const first = *roots.of(file.path());
  EXPECT_EQ(*roots.of(file.path()), first);

  file.write(identity->ca_pem + make_tls_identity(valid_wish())->ca_pem);
  const TlsClientContext* const second = *roots.of(file.path());
  EXPECT_NE(second, first);

  file.write("-----BEGIN CERT");
  EXPECT_EQ(*roots.of(file.path()), second);
  EXPECT_FALSE(roots.reload(file.path()));
  EXPECT_EQ(*roots.of(file.path()), second);
}

TEST(TlsRootsTest, FirstLoadMustSucceed) {
  TlsRoots roots;

  EXPECT_FALSE(roots.of("/nonexistent/ca.pem"));
}

TEST(TlsIdentityTest, AddressThatIsNoneIsAnError) {
  auto wish = valid_wish();
  wish.ip_addresses = {"not-an-address"};

  EXPECT_FALSE(make_tls_identity(wish));
}

}  // namespace
}  // namespace mailchute
