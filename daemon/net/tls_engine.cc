#include "net/tls_engine.h"

#include <algorithm>
#include <utility>

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "base/exit_codes.h"
#include "base/text.h"
#include "net/address.h"
#include "net/certificate.h"
#include "net/tls_fault.h"

namespace mailchute {

namespace {

constexpr std::string_view kFingerprintPrefix = "sha256:";

bool host_byte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
}

/// A name as certificates and SNI write it: lower case, no final dot (RFC 6066 3).
Result<std::string> host_name(const std::string& host) {
  auto name = lower(host);
  if (SocketAddress::numeric(name, 0)) return name;
  if (!name.empty() && name.back() == '.') name.pop_back();
  if (name.empty() || name.size() > 253 || !std::all_of(name.begin(), name.end(), host_byte)) {
    return fail("cannot speak TLS with '" + printable(host) + "': not a host name",
                exit_code::kConfiguration);
  }
  return name;
}

/// `sha256:` and hex digits, with or without colons between them, as openssl prints them.
Result<std::string> canonical_fingerprint(const std::string& text) {
  if (text.empty()) return std::string();
  auto digits = lower(text);
  if (digits.starts_with(kFingerprintPrefix)) digits.erase(0, kFingerprintPrefix.size());
  std::erase(digits, ':');
  const bool hex = digits.find_first_not_of("0123456789abcdef") == std::string::npos;
  if (digits.size() != 64 || !hex) {
    return fail("tls_fingerprint '" + printable(text) + "' is not sha256: and 64 hex digits",
                exit_code::kConfiguration);
  }
  return std::string(kFingerprintPrefix) + digits;
}

/// Without these flags OpenSSL takes a certificate that has the name only in its subject, and `m*.test`.
constexpr unsigned kHostFlags = X509_CHECK_FLAG_NEVER_CHECK_SUBJECT | X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS;

Result<void> demand_host(SSL* session, const std::string& host) {
  SSL_set_hostflags(session, kHostFlags);
  const bool address = SocketAddress::numeric(host, 0).has_value();
  // RFC 6066 3: an address is no server name. It is proved by an iPAddress entry only.
  const bool set = address ? X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(session), host.c_str()) == 1
                           : SSL_set1_host(session, host.c_str()) == 1 &&
                                 SSL_set_tlsext_host_name(session, host.c_str()) == 1;
  if (!set) return fail("cannot speak TLS with " + host + ": " + openssl_reason());
  return {};
}

}  // namespace

Result<std::unique_ptr<TlsEngine>> TlsEngine::client(const TlsClientContext& context,
                                                     const TlsDemand& demand) {
  auto host = TRY(host_name(demand.host));
  auto fingerprint = TRY(canonical_fingerprint(demand.fingerprint));
  std::unique_ptr<TlsEngine> engine(new TlsEngine(context.raw(), host, std::move(fingerprint)));
  TRY_VOID(demand_host(engine->session_.get(), host));
  SSL_set_connect_state(engine->session_.get());
  SSL_set_app_data(engine->session_.get(), engine.get());
  SSL_set_verify(engine->session_.get(), SSL_VERIFY_PEER, remember_refused);
  return engine;
}

Result<std::unique_ptr<TlsEngine>> TlsEngine::server(const TlsServerContext& context) {
  std::unique_ptr<TlsEngine> engine(new TlsEngine(context.raw(), {}, {}));
  SSL_set_accept_state(engine->session_.get());
  return engine;
}

TlsEngine::TlsEngine(SSL_CTX* context, std::string host, std::string fingerprint)
    : session_(SSL_new(context)),
      from_peer_(BIO_new(BIO_s_mem())),
      to_peer_(BIO_new(BIO_s_mem())),
      host_(std::move(host)),
      fingerprint_(std::move(fingerprint)) {
  CHECK(session_ && from_peer_ && to_peer_);  // Only without memory.
  SSL_set_bio(session_.get(), from_peer_, to_peer_);
}

// OpenSSL forgets a certificate that it refuses; the operator must be told whose it was.
int TlsEngine::remember_refused(int accepted, X509_STORE_CTX* verification) noexcept {
  if (accepted == 1) return accepted;
  const int index = SSL_get_ex_data_X509_STORE_CTX_idx();
  auto* const session = static_cast<SSL*>(X509_STORE_CTX_get_ex_data(verification, index));
  const X509* const leaf = X509_STORE_CTX_get0_cert(verification);
  if (leaf) static_cast<TlsEngine*>(SSL_get_app_data(session))->refused_names_ = certificate_names(*leaf);
  return accepted;
}

void TlsEngine::receive(std::string_view ciphertext) {
  if (end_ || ciphertext.empty()) return;
  BIO_write(from_peer_, ciphertext.data(), static_cast<int>(ciphertext.size()));
  chatter_bytes_ += ciphertext.size();
  if (!facts_) shake_hands();
}

std::size_t TlsEngine::read(std::span<char> plain) {
  if (end_ || !facts_) return 0;
  std::size_t count = 0;
  ERR_clear_error();
  const int status = SSL_read_ex(session_.get(), plain.data(), plain.size(), &count);
  if (status == 1) {
    chatter_bytes_ = 0;
    return count;
  }
  switch (SSL_get_error(session_.get(), status)) {
    case SSL_ERROR_WANT_READ: chatter_checked(); break;
    case SSL_ERROR_ZERO_RETURN:  // RFC 8446 6.1: close_notify; data after it is ignored.
      end_ = {StreamEnd::Kind::Clean, "closed by the peer", false};
      SSL_shutdown(session_.get());
      break;
    default: failed(tls_fault(session_.get(), host_, refused_names_));
  }
  return 0;
}

void TlsEngine::send(std::string_view plain) {
  if (end_ || finishing_ || plain.empty()) return;
  if (!facts_) {
    waiting_ += plain;
    return;
  }
  std::size_t count = 0;
  ERR_clear_error();
  // A memory BIO takes everything, so there is no partial write.
  if (SSL_write_ex(session_.get(), plain.data(), plain.size(), &count) != 1) {
    failed(tls_fault(session_.get(), host_, refused_names_));
  }
}

void TlsEngine::finish() {
  if (std::exchange(finishing_, true) || end_ || !facts_) return;
  ERR_clear_error();
  SSL_shutdown(session_.get());
}

void TlsEngine::transport_ended(const StreamEnd& end) {
  if (end_) return;
  if (end.kind != StreamEnd::Kind::Clean) {
    end_ = StreamEnd{StreamEnd::Kind::Failed, end.text, !facts_};
  } else if (!facts_) {
    end_ =
        StreamEnd{StreamEnd::Kind::Failed, "the peer closed the connection during the TLS handshake", true};
  } else {
    // RFC 8446 6.1: without close_notify anybody on the way may have cut the end off.
    end_ = StreamEnd{StreamEnd::Kind::Truncated, "the peer closed the connection without a TLS close_notify",
                     false};
  }
}

std::string TlsEngine::take_output() {
  std::string bytes(BIO_ctrl_pending(to_peer_), '\0');
  if (!bytes.empty()) BIO_read(to_peer_, bytes.data(), static_cast<int>(bytes.size()));
  return bytes;
}

void TlsEngine::shake_hands() {
  ERR_clear_error();
  const int status = SSL_do_handshake(session_.get());
  if (status == 1) return secured();
  if (SSL_get_error(session_.get(), status) != SSL_ERROR_WANT_READ) {
    return failed(tls_fault(session_.get(), host_, refused_names_));
  }
  chatter_checked();
}

void TlsEngine::secured() {
  if (auto missing = proof_missing(); !missing.empty()) return failed(std::move(missing));
  const X509* const certificate = SSL_get0_peer_certificate(session_.get());
  facts_ = TlsFacts{SSL_get_version(session_.get()), SSL_get_cipher_name(session_.get()), "", {}};
  if (certificate) {
    facts_->peer_fingerprint = certificate_fingerprint(*certificate);
    facts_->certificate = certificate_facts(*certificate);
  }
  chatter_bytes_ = 0;
  const bool finishing = std::exchange(finishing_, false);
  send(std::exchange(waiting_, {}));
  if (finishing) finish();
}

// OpenSSL has verified already; this would notice if it ever let a peer through without a certificate, for
// which SSL_get_verify_result() says X509_V_OK.
std::string TlsEngine::proof_missing() const {
  if (host_.empty()) return {};
  const X509* const certificate = SSL_get0_peer_certificate(session_.get());
  if (!certificate) return "the peer showed no certificate";
  const long verdict = SSL_get_verify_result(session_.get());
  if (verdict != X509_V_OK) {
    return std::string("the certificate was refused: ") + X509_verify_cert_error_string(verdict);
  }
  const auto fingerprint = certificate_fingerprint(*certificate);
  if (fingerprint_.empty() || fingerprint == fingerprint_) return {};
  return "the certificate's fingerprint is " + fingerprint + ", not the one in tls_fingerprint";
}

void TlsEngine::chatter_checked() {
  if (chatter_bytes_ <= kChatterBytesMax) return;
  failed(facts_ ? "the peer sends TLS messages without end" : "the TLS handshake does not come to its end");
}

void TlsEngine::failed(std::string text) {
  end_ = StreamEnd{StreamEnd::Kind::Failed, std::move(text), !facts_};
}

}  // namespace mailchute
