// folder: mail
// A message of parts on its way into seven bits: the same however it is cut, and encoded twice as encoded
// once, for what has been encoded needs it no more. The first byte chooses the size of the pieces.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "fuzz/require.h"
#include "mail/seven_bit_parts.h"

namespace {

std::string seven_bit(std::string_view message, std::size_t step) {
  mailchute::SevenBitParts parts;
  std::string out;
  while (!message.empty()) {
    out += parts.take(message.substr(0, step));
    message.remove_prefix(std::min(step, message.size()));
  }
  return out + parts.finish();
}

/// As the store keeps it: every line ends with CRLF, and neither stands alone.
std::string canonical(std::string_view bytes) {
  std::string out;
  for (const char c : bytes) {
    if (c == '\r') continue;
    if (c == '\n') out += '\r';
    out += c;
  }
  return out + "\r\n";
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) return 0;
  const std::string message = canonical({reinterpret_cast<const char*>(data) + 1, size - 1});
  const std::string whole = seven_bit(message, message.size());
  REQUIRE(seven_bit(message, data[0] + 1u) == whole);
  REQUIRE(seven_bit(whole, whole.size()) == whole);
  (void)mailchute::has_parts_to_encode(message);
  return 0;
}
