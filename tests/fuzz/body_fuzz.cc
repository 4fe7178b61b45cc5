// folder: smtp
// Content in any form: the reader must agree with itself however the bytes are cut, and give only canonical
// bytes. The first byte chooses the framing, the second the size of the pieces.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/limits.h"
#include "fuzz/require.h"
#include "smtp/body_reader.h"

namespace {

using mailchute::BodyReader;

struct Reading {
  std::string content;
  std::size_t bytes_read = 0;
  BodyReader::Fault fault = BodyReader::Fault::None;
  bool operator==(const Reading&) const = default;
};

Reading read(std::string_view wire, BodyReader::Framing framing, std::size_t step) {
  BodyReader reader(framing, 1 << 16);
  Reading reading;
  while (!wire.empty() && !reader.ended()) {
    std::string content;
    const auto count = reader.take(wire.substr(0, step), content);
    REQUIRE(count > 0 && content.size() <= mailchute::limits::kChunkBytes + 2);
    reading.content += content;
    reading.bytes_read += count;
    wire.remove_prefix(count);
  }
  if (framing == BodyReader::Framing::Counted) reader.finish(reading.content);
  reading.fault = reader.fault();
  return reading;
}

void check_canonical(std::string_view content) {
  for (std::size_t at = 0; at < content.size(); ++at) {
    REQUIRE(content[at] != '\0');
    if (content[at] == '\n') REQUIRE(at > 0 && content[at - 1] == '\r');
    if (content[at] == '\r' && at + 1 < content.size()) REQUIRE(content[at + 1] == '\n');
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const auto framing = (data[0] & 1) != 0 ? BodyReader::Framing::Counted : BodyReader::Framing::Dots;
  const std::string_view wire(reinterpret_cast<const char*>(data) + 2, size - 2);
  const Reading whole = read(wire, framing, wire.size() + 1);
  Reading cut = read(wire, framing, data[1] + 1u);
  // What was given before a fault was found depends on the cut; nobody keeps it.
  if (whole.fault != BodyReader::Fault::None) cut.content = whole.content;
  REQUIRE(whole == cut);
  if (whole.fault == BodyReader::Fault::None) check_canonical(whole.content);
  return 0;
}
