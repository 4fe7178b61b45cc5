#include "net/tls_context.h"

#include <unistd.h>

#include <array>
#include <fstream>
#include <iterator>
#include <string_view>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "base/exit_codes.h"
#include "net/certificate.h"
#include "net/tls_fault.h"

namespace mailchute {

namespace {

/// A provider's chain has three certificates and some 5 KiB; OpenSSL would take a hundred certificates.
constexpr int kChainDepthMax = 10;
constexpr long kChainBytesMax = 64 * 1024;

/// No anonymous, unencrypted, pre-shared-key or 64-bit-block ciphers. RSA key exchange stays: old Exchange
/// servers have nothing else.
constexpr char kCiphers[] = "HIGH:!aNULL:!eNULL:!PSK:!SRP:!3DES:!MD5:!RC4:!CAMELLIA:!ARIA";

using ContextOwner = std::unique_ptr<SSL_CTX, OpensslFree<SSL_CTX_free>>;
using BioOwner = std::unique_ptr<BIO, OpensslFree<BIO_free_all>>;
using CertificateOwner = std::unique_ptr<X509, OpensslFree<X509_free>>;
using KeyOwner = std::unique_ptr<EVP_PKEY, OpensslFree<EVP_PKEY_free>>;

Result<ContextOwner> make_context(const SSL_METHOD* method) {
  ERR_clear_error();
  OSSL_LIB_CTX* const library = tls_library();
  ContextOwner context(SSL_CTX_new_ex(library, nullptr, method));
  if (!context) return fail("cannot set up TLS: " + openssl_reason());
  SSL_CTX_set_security_level(context.get(), 2);
  SSL_CTX_set_options(context.get(),
                      SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE);
  // Idle connections give their 34 KiB of buffers back.
  SSL_CTX_set_mode(context.get(), SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
  SSL_CTX_set_max_cert_list(context.get(), kChainBytesMax);
  if (SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION) != 1 ||
      SSL_CTX_set_max_proto_version(context.get(), 0) != 1 ||
      SSL_CTX_set_cipher_list(context.get(), kCiphers) != 1) {
    return fail("cannot set up TLS: " + openssl_reason());
  }
  return context;
}

Result<void> trust(SSL_CTX* context, const std::string& file) {
  if (SSL_CTX_load_verify_file(context, file.c_str()) == 1) return {};
  return fail("cannot load the certificates of " + file + ": " + openssl_reason());
}

Result<void> trust_system(SSL_CTX* context) {
  const auto file = system_roots_file();
  if (!file.empty()) return trust(context, file);
  // A system that has the folder only: OpenSSL looks into it during a handshake.
  const char* const folder = X509_get_default_cert_dir();
  if (access(folder, R_OK | X_OK) == 0 && SSL_CTX_load_verify_dir(context, folder) == 1) return {};
  return fail("this system has no root certificates: install the package ca-certificates, or set ca_file");
}

Result<std::string> read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string content((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  if (!file || content.empty()) return fail("cannot read " + path, exit_code::kInputOutput);
  return content;
}

BioOwner reader(std::string_view pem) {
  return BioOwner(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
}

/// Never asks for a passphrase on the terminal.
int no_passphrase(char*, int, int, void*) { return 0; }

Result<CertificateOwner> read_certificate(BIO* bio) {
  X509* certificate = X509_new_ex(tls_library(), nullptr);
  if (PEM_read_bio_X509(bio, &certificate, no_passphrase, nullptr)) return CertificateOwner(certificate);
  X509_free(certificate);
  return fail("not a PEM certificate: " + openssl_reason());
}

Result<void> use_chain(SSL_CTX* context, const std::string& chain_pem) {
  const auto bio = reader(chain_pem);
  const auto leaf = TRY(read_certificate(bio.get()));
  if (SSL_CTX_use_certificate(context, leaf.get()) != 1)
    return fail("unusable certificate: " + openssl_reason());
  for (int i = 0; i < kChainDepthMax; ++i) {
    const auto issuer = read_certificate(bio.get());
    if (!issuer) break;
    SSL_CTX_add1_chain_cert(context, issuer->get());
  }
  ERR_clear_error();  // The end of the chain looks like an error.
  return {};
}

Result<void> use_key(SSL_CTX* context, const Secret& key_pem) {
  const auto bio = reader(key_pem.reveal());
  const KeyOwner key(
      PEM_read_bio_PrivateKey_ex(bio.get(), nullptr, no_passphrase, nullptr, tls_library(), nullptr));
  if (!key) return fail("not an unencrypted PEM key: " + openssl_reason());
  if (SSL_CTX_use_PrivateKey(context, key.get()) != 1 || SSL_CTX_check_private_key(context) != 1) {
    return fail("the key does not fit the certificate: " + openssl_reason());
  }
  return {};
}

}  // namespace

OSSL_LIB_CTX* tls_library() {
  static OSSL_LIB_CTX* const library = [] {
    // Before anything else touches OpenSSL: its automatic start would read openssl.cnf, whose MinProtocol and
    // engines reach into every context of the process.
    OPENSSL_init_ssl(OPENSSL_INIT_NO_LOAD_CONFIG, nullptr);
    return OSSL_LIB_CTX_new();
  }();
  CHECK(library != nullptr);
  return library;
}

Result<std::unique_ptr<TlsClientContext>> TlsClientContext::load(const std::string& ca_file) {
  auto context = TRY(make_context(TLS_client_method()));
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  SSL_CTX_set_verify_depth(context.get(), kChainDepthMax);
  TRY_VOID(ca_file.empty() ? trust_system(context.get()) : trust(context.get(), ca_file));
  return std::unique_ptr<TlsClientContext>(new TlsClientContext(context.release()));
}

Result<std::unique_ptr<TlsServerContext>> TlsServerContext::from_pem(const std::string& chain_pem,
                                                                     const Secret& key_pem) {
  auto context = TRY(make_context(TLS_server_method()));
  SSL_CTX_set_num_tickets(context.get(), 0);
  SSL_CTX_set_options(context.get(), SSL_OP_NO_TICKET);
  TRY_VOID(use_chain(context.get(), chain_pem));
  TRY_VOID(use_key(context.get(), key_pem));
  return std::unique_ptr<TlsServerContext>(new TlsServerContext(context.release()));
}

Result<std::unique_ptr<TlsServerContext>> TlsServerContext::load(const std::string& chain_file,
                                                                 const std::string& key_file) {
  const auto chain_pem = TRY(read_file(chain_file));
  const Secret key_pem(TRY(read_file(key_file)));
  auto context = from_pem(chain_pem, key_pem);
  if (!context) return fail("cannot use " + chain_file + " with " + key_file + ": " + context.error().text);
  return context;
}

std::optional<WallTime> TlsServerContext::expires() const {
  const X509* const certificate = SSL_CTX_get0_certificate(context_.get());
  return certificate == nullptr ? std::nullopt : certificate_facts(*certificate).expires;
}

std::string system_roots_file() {
  // The compiled-in place first; the others are Debian's, Red Hat's and SUSE's. The environment is not asked.
  const std::array<const char*, 4> places = {X509_get_default_cert_file(),
                                             "/etc/ssl/certs/ca-certificates.crt",
                                             "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/ca-bundle.pem"};
  for (const char* const place : places) {
    if (access(place, R_OK) == 0) return place;
  }
  return {};
}

}  // namespace mailchute
