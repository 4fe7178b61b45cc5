// What all TLS connections of one kind share: roots or certificate, and the rules. Loaded at start or when
// files change, which reads the disk; afterwards only memory. Loop thread only. Owns a library context of its
// own: openssl.cnf, OPENSSL_CONF and SSL_CERT_FILE cannot weaken anything here.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include <openssl/ssl.h>

#include "base/clock.h"
#include "base/result.h"
#include "base/secret.h"

namespace mailchute {

/// `unique_ptr` for what OpenSSL frees with a function of its own.
template <auto free_function>
struct OpensslFree {
  template <typename T>
  void operator()(T* object) const {
    free_function(object);
  }
};

/// One for the process: algorithms, without any configuration file. Never null, never freed.
OSSL_LIB_CTX* tls_library();

/// TLS 1.2 or newer with forward secrecy or RSA, security level 2 (RSA from 2048 bits, no SHA-1), no
/// renegotiation, no compression. Verification of the peer is on and nothing turns it off.
class TlsClientContext {
 public:
  /// `ca_file` (PEM) replaces the system's roots; empty: the system's.
  static Result<std::unique_ptr<TlsClientContext>> load(const std::string& ca_file);

  SSL_CTX* raw() const { return context_.get(); }

 private:
  explicit TlsClientContext(SSL_CTX* context) : context_(context) {}

  std::unique_ptr<SSL_CTX, OpensslFree<SSL_CTX_free>> context_;
};

/// The same rules for a server; its clients show no certificate. May be made on any thread.
class TlsServerContext {
 public:
  /// `chain_pem`: the certificate, then its issuers; `key_pem`: its key, unencrypted.
  static Result<std::unique_ptr<TlsServerContext>> from_pem(const std::string& chain_pem,
                                                            const Secret& key_pem);
  static Result<std::unique_ptr<TlsServerContext>> load(const std::string& chain_file,
                                                        const std::string& key_file);

  /// When the certificate that clients are shown expires, where that can be read in it.
  std::optional<WallTime> expires() const;

  SSL_CTX* raw() const { return context_.get(); }

 private:
  explicit TlsServerContext(SSL_CTX* context) : context_(context) {}

  std::unique_ptr<SSL_CTX, OpensslFree<SSL_CTX_free>> context_;
};

/// Where this system keeps its roots; empty when it has none.
std::string system_roots_file();

}  // namespace mailchute
