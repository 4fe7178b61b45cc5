#include "net/fingerprint.h"

#include <array>

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "net/tls_context.h"

namespace mailchute {

namespace {

constexpr std::size_t kMarkBytes = 8;
using Digest = std::array<unsigned char, EVP_MAX_MD_SIZE>;

/// SHA-256; its length, or 0 when OpenSSL could not. Through our own library context: OpenSSL's default one
/// would read openssl.cnf first.
std::size_t digest_of(std::string_view text, Digest& digest) {
  std::size_t length = 0;
  const int done =
      EVP_Q_digest(tls_library(), "SHA256", nullptr, text.data(), text.size(), digest.data(), &length);
  return done == 1 ? length : 0;
}

}  // namespace

std::string secret_fingerprint(const Secret& secret, std::string_view salt) {
  if (secret.empty()) return {};
  std::string text = std::string(salt) + '\0' + std::string(secret.reveal());
  Digest digest;
  const std::size_t length = digest_of(text, digest);
  Secret::wipe(text);
  if (length == 0) return {};  // no mark: the secret then counts as unknown, which is safe
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string mark;
  for (std::size_t i = 0; i < kMarkBytes && i < length; ++i) {
    mark += kDigits[digest[i] >> 4];
    mark += kDigits[digest[i] & 15];
  }
  return mark;
}

// Digests have one length: to compare the secrets themselves would tell how long they are.
bool same_secret(const Secret& one, const Secret& other) {
  Digest first{};
  Digest second{};
  const std::size_t length = digest_of(one.reveal(), first);
  if (length == 0 || digest_of(other.reveal(), second) != length) return false;
  const bool same = CRYPTO_memcmp(first.data(), second.data(), length) == 0;
  OPENSSL_cleanse(first.data(), first.size());
  OPENSSL_cleanse(second.data(), second.size());
  return same;
}

}  // namespace mailchute
