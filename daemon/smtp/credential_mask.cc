#include "smtp/credential_mask.h"

#include <algorithm>
#include <functional>

#include "base/text.h"
#include "smtp/sasl.h"

namespace mailchute {

namespace {

/// As many bytes of a secret as tell it from any other word; a half of the codes that providers give out.
constexpr std::size_t kTellingBytes = 8;
constexpr std::size_t kTellingBase64 = 12;
constexpr std::size_t kTellingHex = 2 * kTellingBytes;

/// What is shorter is no secret, and stands in many a word that rules look for.
constexpr std::size_t kShortest = 4;
std::size_t mark_of(std::string_view piece) { return std::hash<std::string_view>()(piece); }

Secret hexadecimal(std::string_view bytes, std::string_view digits) {
  std::string text;
  text.reserve(2 * bytes.size());
  for (const char byte : bytes) {
    text += digits[static_cast<unsigned char>(byte) / 16];
    text += digits[static_cast<unsigned char>(byte) % 16];
  }
  return Secret(std::move(text));
}

}  // namespace

CredentialMask::CredentialMask(std::string_view user, const Secret& secret) {
  if (secret.empty()) return;
  if (secret.reveal().size() >= kShortest) know(secret.reveal(), kTellingBytes);
  for (const Secret& message : sasl_messages(user, secret))
    know(Secret(base64_encode(message.reveal())).reveal(), kTellingBase64);
  know(hexadecimal(secret.reveal(), "0123456789abcdef").reveal(), kTellingHex);
  know(hexadecimal(secret.reveal(), "0123456789ABCDEF").reveal(), kTellingHex);
}

void CredentialMask::know(std::string_view form, std::size_t piece_bytes) {
  const std::size_t bytes = std::min(piece_bytes, form.size());
  auto& marks = pieces_[bytes];
  for (std::size_t at = 0; at + bytes <= form.size(); ++at) marks.insert(mark_of(form.substr(at, bytes)));
}

void CredentialMask::apply(std::string& text) const {
  static constexpr std::string_view kMask = "***";
  if (pieces_.empty()) return;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const std::size_t bytes = match(text, at);
    if (bytes == 0) continue;
    const auto end = text.find_first_of(" \t\r\n\"'<>", at + bytes);  // the rest of the word belongs to it
    text.replace(at, (end == std::string::npos ? text.size() : end) - at, kMask);
    at += kMask.size() - 1;
  }
}

/// The bytes of the piece that stands at `at`; 0 when none does.
std::size_t CredentialMask::match(std::string_view text, std::size_t at) const {
  for (const auto& [bytes, marks] : pieces_)
    if (at + bytes <= text.size() && marks.count(mark_of(text.substr(at, bytes))) > 0) return bytes;
  return 0;
}

}  // namespace mailchute
