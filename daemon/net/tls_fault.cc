#include "net/tls_fault.h"

#include <memory>
#include <system_error>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509v3.h>

#include "base/text.h"
#include "net/tls_context.h"

namespace mailchute {

namespace {

constexpr int kNamesShown = 5;

using NamesOwner = std::unique_ptr<GENERAL_NAMES, OpensslFree<GENERAL_NAMES_free>>;

std::string wrong_name(const std::string& host, const std::string& names) {
  if (names.empty()) return "the certificate names no host (subjectAltName), so it is not for " + host;
  return "the certificate is for " + names + ", not " + host;
}

std::string refused_certificate(const std::string& host, const std::string& names, long verdict) {
  if (verdict == X509_V_ERR_HOSTNAME_MISMATCH || verdict == X509_V_ERR_IP_ADDRESS_MISMATCH) {
    return wrong_name(host, names);
  }
  return std::string("the certificate was refused: ") + X509_verify_cert_error_string(verdict);
}

const char* meaning(int reason) {
  switch (reason) {
    case SSL_R_WRONG_VERSION_NUMBER:
    case SSL_R_HTTP_REQUEST:
    case SSL_R_HTTPS_PROXY_REQUEST: return "the peer speaks no TLS on this port";
    case SSL_R_UNSUPPORTED_PROTOCOL:
    case SSL_R_TLSV1_ALERT_PROTOCOL_VERSION: return "the peer speaks no TLS as new as 1.2";
    case SSL_R_NO_SHARED_CIPHER:
    case SSL_R_SSLV3_ALERT_HANDSHAKE_FAILURE: return "the peer and we share no safe cipher";
    case SSL_R_EXCESSIVE_MESSAGE_SIZE: return "the peer's certificate chain is too large";
    default: return nullptr;
  }
}

std::string words_of(unsigned long error) {
  const char* const reason = error != 0 ? ERR_reason_error_string(error) : nullptr;
  if (reason) return reason;
  if (ERR_SYSTEM_ERROR(error)) return std::generic_category().message(ERR_GET_REASON(error));
  return "unknown error";
}

}  // namespace

std::string openssl_reason() {
  const unsigned long error = ERR_peek_error();
  ERR_clear_error();
  return words_of(error);
}

std::string tls_fault(SSL* session, const std::string& host, const std::string& names) {
  // The last error is the handshake's own; those before it are details of the signature or the file that led
  // to it.
  const unsigned long error = ERR_peek_last_error();
  ERR_clear_error();
  const int reason = ERR_GET_LIB(error) == ERR_LIB_SSL ? ERR_GET_REASON(error) : 0;
  const long verdict = SSL_get_verify_result(session);
  if (reason == SSL_R_CERTIFICATE_VERIFY_FAILED && verdict != X509_V_OK) {
    return refused_certificate(host, names, verdict);
  }
  const char* const known = reason != 0 ? meaning(reason) : nullptr;
  return known ? known : words_of(error);
}

std::string certificate_names(const X509& certificate) {
  const NamesOwner names(
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(&certificate, NID_subject_alt_name, nullptr, nullptr)));
  std::string text;
  int shown = 0;
  for (int i = 0; i < sk_GENERAL_NAME_num(names.get()) && shown < kNamesShown; ++i) {
    const GENERAL_NAME* const name = sk_GENERAL_NAME_value(names.get(), i);
    if (name->type != GEN_DNS) continue;
    const auto* const bytes = reinterpret_cast<const char*>(ASN1_STRING_get0_data(name->d.dNSName));
    const auto size = static_cast<std::size_t>(ASN1_STRING_length(name->d.dNSName));
    text += (shown++ > 0 ? ", " : "") + printable({bytes, size}, 64);
  }
  return text;
}

std::string certificate_fingerprint(const X509& certificate) {
  static constexpr char kDigits[] = "0123456789abcdef";
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  if (X509_digest(&certificate, EVP_sha256(), digest, &size) != 1) return {};
  std::string text = "sha256:";
  for (unsigned i = 0; i < size; ++i) {
    text += kDigits[digest[i] >> 4];
    text += kDigits[digest[i] & 15];
  }
  return text;
}

}  // namespace mailchute
