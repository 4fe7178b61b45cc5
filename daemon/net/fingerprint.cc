#include "net/fingerprint.h"

#include <openssl/evp.h>

#include "net/tls_context.h"

namespace mailchute {

namespace {

constexpr std::size_t kMarkBytes = 8;

}  // namespace

std::string secret_fingerprint(const Secret& secret, std::string_view salt) {
  if (secret.empty()) return {};
  std::string text = std::string(salt) + '\0' + std::string(secret.reveal());
  unsigned char digest[EVP_MAX_MD_SIZE];
  std::size_t length = 0;
  // Through our own library context: OpenSSL's default one would read openssl.cnf first.
  const int done = EVP_Q_digest(tls_library(), "SHA256", nullptr, text.data(), text.size(), digest, &length);
  Secret::wipe(text);
  if (done != 1) return {};  // no mark: the secret then counts as unknown, which is safe
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string mark;
  for (std::size_t i = 0; i < kMarkBytes && i < length; ++i) {
    mark += kDigits[digest[i] >> 4];
    mark += kDigits[digest[i] & 15];
  }
  return mark;
}

}  // namespace mailchute
