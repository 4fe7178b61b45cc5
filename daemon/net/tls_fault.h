// What OpenSSL's errors mean to the person who has to do something about them. Loop thread only.
#pragma once

#include <string>

#include <openssl/ssl.h>

namespace mailchute {

/// The first error in OpenSSL's queue, in its words; empties the queue.
std::string openssl_reason();

/// Why a handshake or a record failed: `the certificate is for a.test, not mx.test`, `the peer speaks no TLS
/// on this port`. `host` is who should have been there, empty on the server's side; `names` those of the
/// certificate that was shown (certificate_names). Safe to print; empties the queue.
std::string tls_fault(SSL* session, const std::string& host, const std::string& names);

/// The first DNS names that a certificate is for, as it says itself: `a.test, b.test`. Safe to print.
std::string certificate_names(const X509& certificate);

/// `sha256:` and 64 hex digits.
std::string certificate_fingerprint(const X509& certificate);

}  // namespace mailchute
