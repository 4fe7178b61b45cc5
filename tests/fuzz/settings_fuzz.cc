// folder: settings
// Any bytes as a configuration: loading ends, in an error or in settings that hold together, and shows no
// terminal sequence.
#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <string>

#include "fuzz/require.h"
#include "settings/load.h"

namespace {

/// A regular file that only this process knows; the loader reads it like any other.
std::string file_of(int descriptor, const std::uint8_t* data, std::size_t size) {
  REQUIRE(ftruncate(descriptor, 0) == 0 && lseek(descriptor, 0, SEEK_SET) == 0);
  REQUIRE(write(descriptor, data, size) == static_cast<ssize_t>(size));
  return "/proc/self/fd/" + std::to_string(descriptor);
}

void check(const mailchute::Loaded& loaded) {
  REQUIRE(loaded.settings.has_value() != mailchute::has_errors(loaded.diagnostics));
  const std::string text = mailchute::render(loaded.diagnostics);
  REQUIRE(text.find('\x1b') == std::string::npos);
  if (!loaded.settings) return;
  REQUIRE(!loaded.settings->routes.empty() && !loaded.settings->upstreams.empty());
  for (const auto& upstream : loaded.settings->upstreams)
    REQUIRE(!upstream.host.empty() && upstream.port != 0);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const int descriptor = memfd_create("configuration", MFD_CLOEXEC);
  mailchute::LoadOptions options;
  options.path = file_of(descriptor, data, size);
  options.system_hostname = "relay.example.net";
  options.system_aliases.clear();
  check(mailchute::load(options));
  return 0;
}
